-- dialect: postgres
-- schema: t(a, b, c)
select a, b into archive.t from t
-- expected
-- columns: archive.t/a, archive.t/b
-- reads: t
-- writes: archive.t
-- archive.t/a <- t.a IDENTITY
-- archive.t/b <- t.b IDENTITY
