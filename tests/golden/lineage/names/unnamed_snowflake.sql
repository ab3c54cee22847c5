-- dialect: snowflake
-- schema: t(a, b, c)
select count(*), a + b, sum( a ), c:x::int from t
-- expected
-- columns: COUNT(*), A + B, SUM( A ), C:X::INT
-- reads: T
-- A + B <- T.A TRANSFORMATION : a + b
-- A + B <- T.B TRANSFORMATION : a + b
-- SUM( A ) <- T.A AGGREGATION : sum( a )
-- C:X::INT <- T.C[x] TRANSFORMATION : c:x::int
