-- dialect: snowflake
-- schema: t(id, a, b), u(id, x, y), v(id, z)
select t.a, coalesce(u.x, 0) as x from t left join u on t.id = u.id
-- expected
-- columns: A, X
-- reads: T, U
-- A <- T.A IDENTITY : t.a
-- X <- U.X TRANSFORMATION : coalesce(u.x, 0)
-- (all) <- T.ID JOIN : t.id = u.id
-- (all) <- U.ID JOIN : t.id = u.id
