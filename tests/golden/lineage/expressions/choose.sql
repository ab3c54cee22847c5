-- dialect: tsql
-- schema: t(a, b, c)
select choose(a, b, c) as v from t
-- expected
-- columns: v
-- reads: t
-- v <- t.a CONDITIONAL : choose(a, b, c)
-- v <- t.b TRANSFORMATION : choose(a, b, c)
-- v <- t.c TRANSFORMATION : choose(a, b, c)
