-- dialect: snowflake
-- schema: t(a), u(x)
select a as first_name from t union all select x as other from u
-- expected
-- columns: FIRST_NAME
-- reads: T, U
-- FIRST_NAME <- T.A IDENTITY : a
-- FIRST_NAME <- U.X IDENTITY : x
