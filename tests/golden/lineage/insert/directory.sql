-- dialect: hive
-- schema: t(a, b, c)
insert overwrite directory '/out' select a, b from t
-- expected
-- columns: /out/a, /out/b
-- reads: t
-- writes: /out
-- /out/a <- t.a IDENTITY
-- /out/b <- t.b IDENTITY
