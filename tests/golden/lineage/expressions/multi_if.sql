-- dialect: clickhouse
-- schema: t(a, b, c)
select multiIf(a > 1, b, a > 2, c, 0) as v from t
-- expected
-- columns: v
-- reads: t
-- v <- t.a CONDITIONAL : multiIf(a > 1, b, a > 2, c, 0)
-- v <- t.b TRANSFORMATION : multiIf(a > 1, b, a > 2, c, 0)
-- v <- t.c TRANSFORMATION : multiIf(a > 1, b, a > 2, c, 0)
