-- dialect: tsql
-- schema: t(a, b, c)
select a, b as bee into #copy from t
-- expected
-- columns: #copy/a, #copy/bee
-- reads: t
-- writes: #copy (temporary)
-- #copy/a <- t.a IDENTITY
-- #copy/bee <- t.b IDENTITY
