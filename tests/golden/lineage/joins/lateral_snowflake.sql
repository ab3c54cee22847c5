-- dialect: snowflake
-- schema: t(id, a), u(id, x)
select t.a, l.x2 from t, lateral (select x * 2 as x2 from u where u.id = t.id) l
-- expected
-- columns: A, X2
-- reads: T, U
-- A <- T.A IDENTITY : t.a
-- X2 <- U.X TRANSFORMATION : x * 2
-- (all) <- U.ID FILTER : u.id = t.id
-- (all) <- T.ID FILTER : u.id = t.id
