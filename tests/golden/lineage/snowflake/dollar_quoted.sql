-- dialect: snowflake
-- schema: t(a, b, c)
select a || $$ it's $$ as x from t
-- expected
-- columns: X
-- reads: T
-- X <- T.A TRANSFORMATION : a || $$ it's $$
