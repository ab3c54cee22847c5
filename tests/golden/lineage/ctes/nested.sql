-- dialect: duckdb
-- schema: t(id, a, b), u(id, x, y), v(id, z)
with outer_cte as (
  with inner_cte as (select a + b as s, id from t)
  select s * 2 as d, id from inner_cte
)
select d from outer_cte
-- expected
-- columns: d
-- reads: t
-- d <- t.a TRANSFORMATION : s * 2
-- d <- t.b TRANSFORMATION : s * 2
