-- dialect: trino
-- schema: t(a, b, c)
select checksum(a) as c, approx_percentile(b, 0.9) as p, histogram(c) as h from t
-- expected
-- columns: c, p, h
-- reads: t
-- c <- t.a AGGREGATION masked : checksum(a)
-- p <- t.b AGGREGATION : approx_percentile(b, 0.9)
-- h <- t.c AGGREGATION : histogram(c)
