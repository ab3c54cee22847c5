-- dialect: oracle
-- why: A table of which nothing is known has no column called by a reserved word
select rownum, level, sysdate, user, a from t
-- expected
-- columns: ROWNUM, LEVEL, SYSDATE, USER, A
-- reads: T
-- A <- T.A IDENTITY : a
