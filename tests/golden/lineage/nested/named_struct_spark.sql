-- dialect: spark
-- schema: t(a, b)
select named_struct('x', a, 'y', b).y as y from t
-- expected
-- columns: y
-- reads: t
-- y <- t.b IDENTITY : named_struct('x', a, 'y', b).y
