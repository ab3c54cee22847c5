-- dialect: trino
-- schema: t(a, b, c)
select count(*) as n from t
-- expected
-- columns: n
-- reads: t
-- (all) <- t.* JOIN
