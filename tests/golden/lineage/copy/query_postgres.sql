-- dialect: postgres
-- schema: t(a, b, c)
copy (select a from t where b = 1) to stdout with csv
-- expected
-- columns: stdout/a
-- reads: t
-- writes: stdout
-- stdout/a <- t.a IDENTITY
-- stdout/(all) <- t.b FILTER : b = 1
