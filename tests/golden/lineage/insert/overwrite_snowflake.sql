-- dialect: snowflake
-- schema: x(k), t(a)
insert overwrite into x select a from t
-- expected
-- columns: X/K
-- reads: T
-- writes: X
-- X/K <- T.A IDENTITY : a
