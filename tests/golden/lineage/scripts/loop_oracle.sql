-- dialect: oracle
-- schema: t1(a), t3(b)
-- why: A loop's record has the columns of its query or cursor
declare cursor c is select a from t1;
begin
  for r in (select b from t3) loop insert into w (x) values (r.b); end loop;
  for s in c loop insert into w (y) values (s.a); end loop;
end;
-- expected
-- columns: W/X, W/Y
-- reads: T1, T3
-- writes: W
-- W/X <- T3.B IDENTITY : b
-- W/Y <- T1.A IDENTITY : a
