-- dialect: bigquery
-- schema: d.t(a, b)
select date_add(a, interval b day) as d, timestamp_trunc(a, hour) as h from d.t
-- expected
-- columns: d, h
-- reads: d.t
-- d <- d.t.a TRANSFORMATION : date_add(a, interval b day)
-- d <- d.t.b TRANSFORMATION : date_add(a, interval b day)
-- h <- d.t.a TRANSFORMATION : timestamp_trunc(a, hour)
