-- dialect: postgres
-- schema: x(k, v), t(a, b)
with added as (insert into x (k, v) select a, b from t returning k, v * 2 as twice) select twice from added
-- expected
-- columns: x/k, x/v, twice
-- reads: t
-- writes: x
-- x/k <- t.a IDENTITY
-- x/v <- t.b IDENTITY
-- twice <- t.b TRANSFORMATION : v * 2
