-- dialect: trino
-- schema: t(a, b, c)
create table x as with q as (select a from t) select a as z from q
-- expected
-- columns: x/z
-- reads: t
-- writes: x
-- x/z <- t.a IDENTITY
