-- dialect: postgres
-- schema: q(c), t(n)
-- why: SELECT INTO a declared variable makes no table
do $$
declare n int;
begin
  select count(*) into n from t;
  for r in select c from q loop insert into l (c, n) values (r.c, n); end loop;
end $$
-- expected
-- columns: l/c, l/n
-- reads: q, t
-- writes: l
-- l/c <- q.c IDENTITY
