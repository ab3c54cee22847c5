-- dialect: duckdb
-- schema: t(a, b, c)
select mode(a) as m, quantile_cont(b, 0.5) as q, histogram(c) as h from t
-- expected
-- columns: m, q, h
-- reads: t
-- m <- t.a AGGREGATION : mode(a)
-- q <- t.b AGGREGATION : quantile_cont(b, 0.5)
-- h <- t.c AGGREGATION : histogram(c)
