-- dialect: postgres
-- schema: t(a, b, c)
-- why: IS DISTINCT FROM is no FROM
select a is distinct from b as changed, c from t
-- expected
-- columns: changed, c
-- reads: t
-- changed <- t.a TRANSFORMATION : a is distinct from b
-- changed <- t.b TRANSFORMATION : a is distinct from b
-- c <- t.c IDENTITY
