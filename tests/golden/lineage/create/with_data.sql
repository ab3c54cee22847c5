-- dialect: teradata
-- schema: t(a, b, c)
create multiset table x as (select a from t) with data primary index (a)
-- expected
-- columns: x/a
-- reads: t
-- writes: x
-- x/a <- t.a IDENTITY
