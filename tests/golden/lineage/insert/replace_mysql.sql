-- dialect: mysql
-- schema: x(k, v), t(a, b)
replace into x (k, v) select a, b from t
-- expected
-- columns: x/k, x/v
-- reads: t
-- writes: x
-- x/k <- t.a IDENTITY
-- x/v <- t.b IDENTITY
