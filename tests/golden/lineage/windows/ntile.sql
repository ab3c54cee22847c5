-- dialect: sqlite
-- schema: t(a, b, c)
select ntile(4) over (order by a) as q from t
-- expected
-- columns: q
-- reads: t
-- q <- t.a WINDOW : ntile(4) over (order by a)
