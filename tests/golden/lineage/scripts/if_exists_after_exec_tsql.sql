-- dialect: tsql
-- why: the IF of IF EXISTS begins no statement
exec prepare_all; drop table if exists #u; alter table t drop column if exists old; select a into #u from t drop table #u
-- expected
-- columns: #u/a
-- reads: t
-- writes: #u (temporary)
-- #u/a <- t.a IDENTITY
-- finding: 1:44 not-followed: alter table t ...: this kind of statement is not followed
