-- dialect: duckdb
-- schema: t(a, b, c)
select t.*, u.*, t.a + 1 as more from t, unknown_table u
-- expected
-- columns: a, b, c, *, more
-- a <- t.a IDENTITY : t.*
-- b <- t.b IDENTITY : t.*
-- c <- t.c IDENTITY : t.*
-- more <- t.a TRANSFORMATION : t.a + 1
-- * <- unknown_table.* IDENTITY : u.*
