-- dialect: snowflake
-- schema: t(a, b, c)
create dynamic table d target_lag = '1 minute' warehouse = w as select a, b from t
-- expected
-- columns: D/A, D/B
-- reads: T
-- writes: D
-- D/A <- T.A IDENTITY : a
-- D/B <- T.B IDENTITY : b
