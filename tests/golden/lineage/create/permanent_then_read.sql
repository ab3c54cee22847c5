-- dialect: postgres
-- schema: t(a, b)
-- why: a table that stays is a place of its own
create table stage as select a, b * 2 as b2 from t;
create table final as select b2 from stage;
-- expected
-- columns: stage/a, stage/b2, final/b2
-- reads: stage, t
-- writes: final
-- writes: stage
-- stage/a <- t.a IDENTITY
-- stage/b2 <- t.b TRANSFORMATION : b * 2
-- final/b2 <- stage.b2 IDENTITY
