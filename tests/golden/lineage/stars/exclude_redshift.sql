-- dialect: redshift
-- schema: t(a, b, c)
select * exclude (b) from t
-- expected
-- columns: a, c
-- reads: t
-- a <- t.a IDENTITY : *
-- c <- t.c IDENTITY : *
