-- dialect: postgres
-- schema: t(a, b, c)
select a at time zone 'UTC' as utc from t
-- expected
-- columns: utc
-- reads: t
-- utc <- t.a TRANSFORMATION : a at time zone 'UTC'
