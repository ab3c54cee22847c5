-- dialect: snowflake
-- schema: t(a)
create task nightly warehouse = w schedule = '60 minute' as insert into x (k) select a from t
-- expected
-- columns: X/K
-- reads: T
-- writes: X
-- X/K <- T.A IDENTITY : a
