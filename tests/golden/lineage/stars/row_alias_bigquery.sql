-- dialect: bigquery
-- schema: d.t(a, b)
select to_json_string(t) as j from d.t as t
-- expected
-- columns: j
-- reads: d.t
-- j <- d.t.a TRANSFORMATION : to_json_string(t)
-- j <- d.t.b TRANSFORMATION : to_json_string(t)
