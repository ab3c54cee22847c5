-- dialect: bigquery
-- schema: d.t(a, b, c)
select case when a then case when b then c else 1 end end as v from d.t
-- expected
-- columns: v
-- reads: d.t
-- v <- d.t.a CONDITIONAL : case when a then case when b then c else 1 end end
-- v <- d.t.b CONDITIONAL : case when a then case when b then c else 1 end end
-- v <- d.t.c TRANSFORMATION : case when a then case when b then c else 1 end end
