-- dialect: mysql
-- schema: t(a, b)
create procedure refresh()
begin
  declare n int default 0;
  insert into x (k, v) select a, n from t;
end
-- expected
-- columns: x/k, x/v
-- reads: t
-- writes: x
-- x/k <- t.a IDENTITY
