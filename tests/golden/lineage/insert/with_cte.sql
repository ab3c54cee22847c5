-- dialect: tsql
-- schema: x(k), t(a)
with q as (select a + 1 as a1 from t) insert into x (k) select a1 from q
-- expected
-- columns: x/k
-- reads: t
-- writes: x
-- x/k <- t.a TRANSFORMATION : a + 1
