-- dialect: tsql
-- schema: t(id, a), u(id, x, at)
select t.a, l.x from t cross apply (select top 1 u.x from u where u.id = t.id order by u.at desc) l
-- expected
-- columns: a, x
-- a <- t.a IDENTITY : t.a
-- x <- u.x IDENTITY : u.x
-- (all) <- u.id FILTER : u.id = t.id
-- (all) <- t.id FILTER : u.id = t.id
-- (all) <- u.at SORT : u.at
