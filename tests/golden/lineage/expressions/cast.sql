-- dialect: postgres
-- schema: t(a, b, c)
-- why: a cast changes the value
select a::int as x, cast(b as text) as y from t
-- expected
-- columns: x, y
-- reads: t
-- x <- t.a TRANSFORMATION : a::int
-- y <- t.b TRANSFORMATION : cast(b as text)
