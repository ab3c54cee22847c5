-- dialect: postgres
-- schema: t(a, b, c)
copy t (a, b) to '/tmp/x.csv'
-- expected
-- columns: /tmp/x.csv/a, /tmp/x.csv/b
-- reads: t
-- writes: /tmp/x.csv
-- /tmp/x.csv/a <- t.a IDENTITY
-- /tmp/x.csv/b <- t.b IDENTITY
