-- dialect: clickhouse
-- schema: t(a, A)
-- why: ClickHouse tells a from A
select a, A from t
-- expected
-- columns: a, A
-- reads: t
-- a <- t.a IDENTITY
-- A <- t.A IDENTITY
