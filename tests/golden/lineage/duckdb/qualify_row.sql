-- dialect: duckdb
-- schema: t(a, b, c)
select * exclude (rn) from (select *, row_number() over (partition by a order by b) as rn from t) where rn = 1
-- expected
-- columns: a, b, c
-- a <- t.a IDENTITY : *
-- b <- t.b IDENTITY : *
-- c <- t.c IDENTITY : *
-- (all) <- t.a FILTER : rn = 1
-- (all) <- t.b FILTER : rn = 1
