-- dialect: snowflake
-- schema: t(a, b, c)
-- why: the row with the highest b of each a
select a, c from t qualify row_number() over (partition by a order by b desc) = 1
-- expected
-- columns: A, C
-- A <- T.A IDENTITY : a
-- C <- T.C IDENTITY : c
-- (all) <- T.A FILTER : row_number() over (partition by a order by b desc) = 1
-- (all) <- T.B FILTER : row_number() over (partition by a order by b desc) = 1
