-- dialect: sqlite
-- schema: t(a, b, c)
select iif(a > 1, b, c) as v from t
-- expected
-- columns: v
-- reads: t
-- v <- t.a CONDITIONAL : iif(a > 1, b, c)
-- v <- t.b TRANSFORMATION : iif(a > 1, b, c)
-- v <- t.c TRANSFORMATION : iif(a > 1, b, c)
