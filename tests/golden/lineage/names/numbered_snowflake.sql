-- dialect: snowflake
-- schema: t(a, b)
-- why: A column by number keeps its number as name
select t.$1, $2 from t
-- expected
-- columns: $1, $2
-- reads: T
-- $1 <- T.A IDENTITY
-- $2 <- T.B IDENTITY : $2
