-- dialect: duckdb
-- schema: t(a, b, c)
-- why: the condition decides, the branches are the value
select case when a > 1 then b else c end as v from t
-- expected
-- columns: v
-- reads: t
-- v <- t.a CONDITIONAL : case when a > 1 then b else c end
-- v <- t.b TRANSFORMATION : case when a > 1 then b else c end
-- v <- t.c TRANSFORMATION : case when a > 1 then b else c end
