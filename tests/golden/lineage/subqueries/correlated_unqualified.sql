-- dialect: mysql
-- schema: t(id, a), u(uid, x)
-- why: id is only outside: the subquery sees it
select a, (select max(x) from u where uid = id) as m from t
-- expected
-- columns: a, m
-- a <- t.a IDENTITY
-- m <- u.x AGGREGATION : max(x)
-- m <- u.uid FILTER : uid = id
-- m <- t.id FILTER : uid = id
