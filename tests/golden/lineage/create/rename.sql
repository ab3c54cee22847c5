-- dialect: postgres
-- schema: t(a, b, c)
create table x_tmp as select a from t;
alter table x_tmp rename to x;
-- expected
-- columns: x_tmp/a, x/a
-- reads: t
-- writes: x
-- writes: x_tmp
-- x_tmp/a <- t.a IDENTITY
-- x/a <- t.a IDENTITY
