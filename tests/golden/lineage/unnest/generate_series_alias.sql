-- dialect: postgres
-- schema: t(a)
select n from t, generate_series(1, t.a) as n
-- expected
-- columns: n
-- reads: t
-- n <- t.a TRANSFORMATION : generate_series(1, t.a) as n
-- (all) <- t.a JOIN : generate_series(1, t.a) as n
