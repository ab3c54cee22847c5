-- dialect: tsql
-- schema: t(a, b, c)
select dateadd(day, a, b) as d, datediff(hour, b, c) as h, datepart(year, c) as y from t
-- expected
-- columns: d, h, y
-- d <- t.b TRANSFORMATION : dateadd(day, a, b)
-- d <- t.a TRANSFORMATION : dateadd(day, a, b)
-- h <- t.c TRANSFORMATION : datediff(hour, b, c)
-- h <- t.b TRANSFORMATION : datediff(hour, b, c)
-- y <- t.c TRANSFORMATION : datepart(year, c)
