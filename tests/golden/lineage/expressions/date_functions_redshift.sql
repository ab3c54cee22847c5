-- dialect: redshift
-- schema: t(a, b, c)
select dateadd(month, 1, a) as d, date_part(dow, b) as w, extract(epoch from c) as e from t
-- expected
-- columns: d, w, e
-- reads: t
-- d <- t.a TRANSFORMATION : dateadd(month, 1, a)
-- w <- t.b TRANSFORMATION : date_part(dow, b)
-- e <- t.c TRANSFORMATION : extract(epoch from c)
