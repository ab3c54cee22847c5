-- dialect: mysql
-- schema: t(a, b, c)
select a div b as d, a mod c as m from t
-- expected
-- columns: d, m
-- reads: t
-- d <- t.a TRANSFORMATION : a div b
-- d <- t.b TRANSFORMATION : a div b
-- m <- t.a TRANSFORMATION : a mod c
-- m <- t.c TRANSFORMATION : a mod c
