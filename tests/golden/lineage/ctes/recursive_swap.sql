-- dialect: postgres
-- schema: t(a, b)
-- why: what comes back through the recursion is followed until nothing is new
with recursive r as (
  select a as x, b as y, 0 as n from t
  union all
  select y, x, n + 1 from r where n < 5
)
select x from r
-- expected
-- columns: x
-- reads: t
-- x <- t.a IDENTITY
-- x <- t.b IDENTITY
