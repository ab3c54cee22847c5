-- dialect: snowflake
-- schema: x(k, v), t(a, b)
insert into x select a, b from t
-- expected
-- columns: X/K, X/V
-- reads: T
-- writes: X
-- X/K <- T.A IDENTITY : a
-- X/V <- T.B IDENTITY : b
