-- dialect: postgres
-- schema: t(a, b, c)
select count(*) filter (where a > 1) over (partition by b) as n from t
-- expected
-- columns: n
-- reads: t
-- n <- t.a CONDITIONAL : count(*) filter (where a > 1) over (partition by b)
-- n <- t.b WINDOW : count(*) filter (where a > 1) over (partition by b)
