-- dialect: duckdb
-- why: a star on each side: by name it is likely, not certain, where the second side's column is
with both as (select * from t union all select * from u) select id from both
-- expected
-- columns: id
-- reads: t, u
-- id <- t.id IDENTITY
-- id <- u.id IDENTITY ambiguous
