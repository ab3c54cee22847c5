-- dialect: snowflake
-- schema: t(id, a, b), u(id, x, y)
select a from t where id in (select id from u where x > 1)
-- expected
-- columns: A
-- reads: T, U
-- A <- T.A IDENTITY : a
-- (all) <- T.ID FILTER : id in (select id from u where x > 1)
-- (all) <- U.ID FILTER : id in (select id from u where x > 1)
-- (all) <- U.X FILTER : id in (select id from u where x > 1)
