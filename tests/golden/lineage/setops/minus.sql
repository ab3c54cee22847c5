-- dialect: oracle
-- schema: t(a), u(x)
select a from t minus select x from u
-- expected
-- columns: A
-- reads: T, U
-- A <- T.A IDENTITY : a
-- (all) <- T.A FILTER : a
-- (all) <- U.X FILTER : x
