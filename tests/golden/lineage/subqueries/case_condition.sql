-- dialect: postgres
-- schema: t(id, a, b), u(id, x, y)
select case when t.id in (select id from u) then a else b end as v from t
-- expected
-- columns: v
-- reads: t, u
-- v <- t.id CONDITIONAL : case when t.id in (select id from u) then a else b end
-- v <- u.id CONDITIONAL : case when t.id in (select id from u) then a else b end
-- v <- t.a TRANSFORMATION : case when t.id in (select id from u) then a else b end
-- v <- t.b TRANSFORMATION : case when t.id in (select id from u) then a else b end
