-- dialect: redshift
-- schema: t(a, b, c)
select * exclude (b) from t
-- expected
-- columns: a, c
-- a <- t.a IDENTITY : *
-- c <- t.c IDENTITY : *
