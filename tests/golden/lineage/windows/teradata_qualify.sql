-- dialect: teradata
-- schema: t(a, b, c)
select a from t qualify row_number() over (partition by b order by c) = 1
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.b FILTER : row_number() over (partition by b order by c) = 1
-- (all) <- t.c FILTER : row_number() over (partition by b order by c) = 1
