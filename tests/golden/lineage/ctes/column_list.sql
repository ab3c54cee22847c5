-- dialect: postgres
-- schema: t(a, b, c)
with renamed (x, y) as (select a, b + 1 from t)
select x, y from renamed
-- expected
-- columns: x, y
-- reads: t
-- x <- t.a IDENTITY
-- y <- t.b TRANSFORMATION : b + 1
