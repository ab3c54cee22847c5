-- dialect: postgres
-- schema: x(k, v), t(a, b)
insert into x (v, k) select a, b from t
-- expected
-- columns: x/v, x/k
-- reads: t
-- writes: x
-- x/v <- t.a IDENTITY
-- x/k <- t.b IDENTITY
