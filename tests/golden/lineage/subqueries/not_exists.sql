-- dialect: redshift
-- schema: t(id, a, b), u(id, x, y)
select a from t where not exists (select 1 from u where u.id = t.id)
-- expected
-- columns: a
-- reads: t, u
-- a <- t.a IDENTITY
-- (all) <- u.id FILTER : not exists (select 1 from u where u.id = t.id)
-- (all) <- t.id FILTER : not exists (select 1 from u where u.id = t.id)
