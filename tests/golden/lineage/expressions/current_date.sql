-- dialect: postgres
-- schema: t(a, b, c)
-- why: what the session gives is no column
select current_date as today, current_user as who, a from t
-- expected
-- columns: today, who, a
-- reads: t
-- a <- t.a IDENTITY
