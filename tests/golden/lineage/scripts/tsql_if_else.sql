-- dialect: tsql
-- schema: t(a, b), x(k)
if exists (select 1 from t where a = 1)
begin
  insert into x (k) select a from t
end
else
begin
  delete from x where k = 2
end
-- expected
-- columns: x/k
-- reads: t
-- writes: x
-- x/k <- t.a IDENTITY
-- x/(all) <- x.k FILTER : k = 2
