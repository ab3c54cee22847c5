-- dialect: postgres
-- schema: t(id, a, b), u(id, x, y), v(id, z)
select t.a from t join u on u.id = (select max(v.id) from v where v.z = t.b)
-- expected
-- columns: a
-- a <- t.a IDENTITY : t.a
-- (all) <- u.id JOIN : u.id = (select max(v.id) from v where v.z = t.b)
-- (all) <- v.id JOIN : u.id = (select max(v.id) from v where v.z = t.b)
-- (all) <- v.z JOIN : u.id = (select max(v.id) from v where v.z = t.b)
-- (all) <- t.b JOIN : u.id = (select max(v.id) from v where v.z = t.b)
