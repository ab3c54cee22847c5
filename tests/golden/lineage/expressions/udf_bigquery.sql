-- dialect: bigquery
-- schema: d.t(a)
select `proj.ds.my_udf`(a) as v, ds.other(a) as w from d.t
-- expected
-- columns: v, w
-- reads: d.t
-- v <- d.t.a TRANSFORMATION : `proj.ds.my_udf`(a)
-- w <- d.t.a TRANSFORMATION : ds.other(a)
