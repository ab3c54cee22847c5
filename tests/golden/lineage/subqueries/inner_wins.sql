-- dialect: postgres
-- schema: t(id, a), u(id, x)
-- why: an unqualified name means the innermost source that has it
select a from t where a > (select avg(x) from u where id > 1)
-- expected
-- columns: a
-- a <- t.a IDENTITY
-- (all) <- t.a FILTER : a > (select avg(x) from u where id > 1)
-- (all) <- u.x FILTER : a > (select avg(x) from u where id > 1)
-- (all) <- u.id FILTER : a > (select avg(x) from u where id > 1)
