-- dialect: redshift
-- schema: t(b, c, d)
-- why: DECODE is a CASE
select decode(b, 1, c, d) from t
-- expected
-- columns: case
-- reads: t
-- case <- t.b CONDITIONAL : decode(b, 1, c, d)
-- case <- t.c TRANSFORMATION : decode(b, 1, c, d)
-- case <- t.d TRANSFORMATION : decode(b, 1, c, d)
