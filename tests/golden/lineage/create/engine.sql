-- dialect: clickhouse
-- schema: t(a, b, c)
create table x engine = MergeTree order by a as select a, b from t
-- expected
-- columns: x/a, x/b
-- reads: t
-- writes: x
-- x/a <- t.a IDENTITY
-- x/b <- t.b IDENTITY
