-- dialect: snowflake
-- schema: t(id, a, b), u(id, x, y)
select a, (select x from u order by y desc limit 1) as latest from t
-- expected
-- columns: A, LATEST
-- reads: T, U
-- A <- T.A IDENTITY : a
-- LATEST <- U.X IDENTITY : x
-- LATEST <- U.Y SORT : y
