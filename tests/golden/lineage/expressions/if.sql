-- dialect: bigquery
-- schema: d.t(a, b, c)
select if(a > 1, b, c) as v from d.t
-- expected
-- columns: v
-- reads: d.t
-- v <- d.t.a CONDITIONAL : if(a > 1, b, c)
-- v <- d.t.b TRANSFORMATION : if(a > 1, b, c)
-- v <- d.t.c TRANSFORMATION : if(a > 1, b, c)
