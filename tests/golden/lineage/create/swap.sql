-- dialect: snowflake
-- schema: t(a, b, c)
-- why: built beside, then swapped in
create table x_new as select a, b from t;
alter table x swap with x_new;
-- expected
-- columns: X_NEW/A, X_NEW/B, X/A, X/B
-- reads: T
-- writes: X
-- writes: X_NEW
-- X_NEW/A <- T.A IDENTITY : a
-- X_NEW/B <- T.B IDENTITY : b
-- X/A <- T.A IDENTITY : a
-- X/B <- T.B IDENTITY : b
