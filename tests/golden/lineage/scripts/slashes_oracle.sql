-- dialect: oracle
-- why: A slash on its own line ends a statement
create table x as select a from t
/
insert into y (b) select a from x
/
-- expected
-- columns: X/A, Y/B
-- reads: T, X
-- writes: X
-- writes: Y
-- X/A <- T.A IDENTITY : a
-- Y/B <- X.A IDENTITY : a
