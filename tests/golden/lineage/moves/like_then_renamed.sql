-- dialect: postgres
-- schema: s(a, b)
-- why: Made like another, filled, renamed
begin;
create table n (like s);
insert into n select * from s;
alter table n rename to m;
commit;
-- expected
-- columns: n/a, n/b, m/a, m/b
-- reads: n, s
-- writes: m
-- writes: n
-- n/a <- s.a IDENTITY : *
-- n/b <- s.b IDENTITY : *
-- m/a <- n.a IDENTITY
-- m/b <- n.b IDENTITY
