-- dialect: tsql
-- schema: t(a, b, c)
-- why: T-SQL leaves such columns without a name
select a + b, count(*) from t
-- expected
-- columns: (unnamed), (unnamed)
-- reads: t
-- (unnamed) <- t.a TRANSFORMATION : a + b
-- (unnamed) <- t.b TRANSFORMATION : a + b
