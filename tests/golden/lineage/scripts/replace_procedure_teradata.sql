-- dialect: teradata
-- schema: s(a), u(a), t(a, b)
-- why: REPLACE PROCEDURE
replace procedure p()
begin
  insert into t (a) select a from s;
  update t set b = 1 where a in (select a from u);
end
-- expected
-- columns: t/a, t/b
-- reads: s, u
-- writes: t
-- t/a <- s.a IDENTITY
-- t/(all) <- t.a FILTER : a in (select a from u)
-- t/(all) <- u.a FILTER : a in (select a from u)
