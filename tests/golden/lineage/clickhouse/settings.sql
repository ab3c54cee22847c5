-- dialect: clickhouse
-- schema: t(a, b, c)
select a from t settings max_threads = 1
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
