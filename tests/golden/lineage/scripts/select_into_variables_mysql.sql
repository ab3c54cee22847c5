-- dialect: mysql
-- schema: t(a, b)
-- why: INTO is for variables here
create procedure p()
begin
  declare x int;
  select b into x from t limit 1;
  insert into w (a) values (x);
end
-- expected
-- columns: w/a
-- reads: t
-- writes: w
-- w/a <- t.b IDENTITY
