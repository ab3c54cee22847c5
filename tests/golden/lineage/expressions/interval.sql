-- dialect: postgres
-- schema: t(a, b, c)
select a + interval '1 day' as next_day from t
-- expected
-- columns: next_day
-- reads: t
-- next_day <- t.a TRANSFORMATION : a + interval '1 day'
