-- dialect: duckdb
-- schema: t(id, a, b), u(id, x, y)
select id in (select id from u) as known from t
-- expected
-- columns: known
-- reads: t, u
-- known <- t.id TRANSFORMATION : id in (select id from u)
-- known <- u.id TRANSFORMATION : id in (select id from u)
