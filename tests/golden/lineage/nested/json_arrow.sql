-- dialect: postgres
-- schema: t(j)
select j -> 'a' -> 'b' as b, j ->> 'c' as c, j #>> '{d,e}' as e, j -> 0 as el from t
-- expected
-- columns: b, c, e, el
-- reads: t
-- b <- t.j[a.b] IDENTITY : j -> 'a' -> 'b'
-- c <- t.j[c] TRANSFORMATION : j ->> 'c'
-- e <- t.j[d.e] TRANSFORMATION : j #>> '{d,e}'
-- el <- t.j IDENTITY : j -> 0
