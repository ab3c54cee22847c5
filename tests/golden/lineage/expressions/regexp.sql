-- dialect: spark
-- schema: t(a, b, c)
select regexp_extract(a, '(\\d+)', 1) as n, split(b, ',')[0] as first_part from t
-- expected
-- columns: n, first_part
-- reads: t
-- n <- t.a TRANSFORMATION : regexp_extract(a, '(\\d+)', 1)
-- first_part <- t.b TRANSFORMATION : split(b, ',')[0]
