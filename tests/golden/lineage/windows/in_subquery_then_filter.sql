-- dialect: postgres
-- schema: t(a, b, c)
select a from (select a, row_number() over (partition by b order by c) as rn from t) x where rn = 1
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.b FILTER : rn = 1
-- (all) <- t.c FILTER : rn = 1
