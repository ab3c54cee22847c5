-- dialect: mysql
-- schema: s(b), t(a)
-- why: The client's word for what ends a statement
delimiter //
create procedure p(in x int)
begin
  if x > 1 then insert into t (a) select b from s; else delete from t where a = x; end if;
end //
delimiter ;
insert into u (c) select a from t;
-- expected
-- columns: t/a, u/c
-- reads: s, t
-- writes: t
-- writes: u
-- t/a <- s.b IDENTITY
-- t/(all) <- t.a FILTER : a = x
-- u/c <- t.a IDENTITY
