-- dialect: postgres
-- schema: t(a)
insert into x (k) select a from t; frobnicate everything now;
-- expected
-- columns: x/k
-- reads: t
-- writes: x
-- x/k <- t.a IDENTITY
-- finding: 1:36 not-followed: frobnicate everything ...: not followed
