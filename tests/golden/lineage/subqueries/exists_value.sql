-- dialect: postgres
-- schema: t(id, a, b), u(id, x, y)
select exists (select 1 from u where u.id = t.id and u.y = 'z') as has_u from t
-- expected
-- columns: has_u
-- reads: t, u
-- has_u <- u.id FILTER : exists (select 1 from u where u.id = t.id and u.y = 'z')
-- has_u <- t.id FILTER : exists (select 1 from u where u.id = t.id and u.y = 'z')
-- has_u <- u.y FILTER : exists (select 1 from u where u.id = t.id and u.y = 'z')
