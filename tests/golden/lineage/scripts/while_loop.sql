-- dialect: mysql
-- schema: t(a)
create procedure fill()
begin
  while @i < 10 do
    insert into x (k) select a from t where a = @i;
  end while;
end
-- expected
-- columns: x/k
-- reads: t
-- writes: x
-- x/k <- t.a IDENTITY
-- x/(all) <- t.a FILTER : a = @i
