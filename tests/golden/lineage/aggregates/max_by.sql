-- dialect: duckdb
-- schema: t(a, b, c)
-- why: b decides, the value is a's
select max_by(a, b) as x, arg_min(a, c) as y from t
-- expected
-- columns: x, y
-- x <- t.a AGGREGATION : max_by(a, b)
-- x <- t.b CONDITIONAL : max_by(a, b)
-- y <- t.a AGGREGATION : arg_min(a, c)
-- y <- t.c CONDITIONAL : arg_min(a, c)
