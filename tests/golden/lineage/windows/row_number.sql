-- dialect: postgres
-- schema: t(a, b, c)
select row_number() over (partition by a order by b desc) as n from t
-- expected
-- columns: n
-- reads: t
-- n <- t.a WINDOW : row_number() over (partition by a order by b desc)
-- n <- t.b WINDOW : row_number() over (partition by a order by b desc)
