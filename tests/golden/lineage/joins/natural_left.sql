-- dialect: oracle
-- schema: T(id, a), U(id, x)
select id, a, x from t natural left join u
-- expected
-- columns: ID, A, X
-- ID <- T.ID IDENTITY : id
-- A <- T.A IDENTITY : a
-- X <- U.X IDENTITY : x
-- (all) <- T.ID JOIN
-- (all) <- U.ID JOIN
