-- dialect: postgres
-- schema: t(a, b)
begin;
delete from x where k in (select a from t);
insert into x (k) select a from t;
commit;
-- expected
-- columns: x/k
-- reads: t
-- writes: x
-- x/(all) <- x.k FILTER : k in (select a from t)
-- x/(all) <- t.a FILTER : k in (select a from t)
-- x/k <- t.a IDENTITY
