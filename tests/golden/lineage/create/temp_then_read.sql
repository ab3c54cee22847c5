-- dialect: postgres
-- schema: t(a, b)
-- why: the temporary table is followed through
create temp table stage as select a, b * 2 as b2 from t;
create table final as select a, b2 + 1 as b3 from stage;
-- expected
-- columns: stage/a, stage/b2, final/a, final/b3
-- reads: t
-- writes: final
-- writes: stage (temporary)
-- stage/a <- t.a IDENTITY
-- stage/b2 <- t.b TRANSFORMATION : b * 2
-- final/a <- t.a IDENTITY
-- final/b3 <- t.b TRANSFORMATION : b2 + 1
