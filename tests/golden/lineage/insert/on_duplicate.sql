-- dialect: mysql
-- schema: x(k, v), t(a, b)
insert into x (k, v) select a, b from t on duplicate key update v = values(v) + x.v
-- expected
-- columns: x/k, x/v
-- writes: x
-- x/k <- t.a IDENTITY
-- x/v <- t.b IDENTITY
-- x/v <- t.b TRANSFORMATION : values(v) + x.v
-- x/v <- x.v TRANSFORMATION : values(v) + x.v
