-- dialect: postgres
-- schema: t(id, a, b), u(id, x, y)
-- why: what EXISTS selects does not matter
select a from t where exists (select * from u where u.id = t.id)
-- expected
-- columns: a
-- reads: t, u
-- a <- t.a IDENTITY
-- (all) <- u.id FILTER : exists (select * from u where u.id = t.id)
-- (all) <- t.id FILTER : exists (select * from u where u.id = t.id)
