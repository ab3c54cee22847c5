-- dialect: snowflake
-- schema: t(a, b, c)
select object_construct('k', a, 'l', b) as o from t
-- expected
-- columns: O
-- reads: T
-- O <- T.A TRANSFORMATION : object_construct('k', a, 'l', b)
-- O <- T.B TRANSFORMATION : object_construct('k', a, 'l', b)
