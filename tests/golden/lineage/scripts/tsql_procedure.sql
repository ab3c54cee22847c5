-- dialect: tsql
-- schema: t(a, b), x(k, v)
create procedure dbo.refresh @day date as
begin
  truncate table x;
  insert into x (k, v) select a, b from t where b > @day
  update x set v = 0 where v is null
end
-- expected
-- columns: x/k, x/v, x/v
-- reads: t
-- writes: x
-- x/k <- t.a IDENTITY
-- x/v <- t.b IDENTITY
-- x/(all) <- t.b FILTER : b > @day
-- x/(all) <- x.v FILTER : v is null
