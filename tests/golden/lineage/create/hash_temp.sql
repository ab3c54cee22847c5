-- dialect: tsql
-- schema: t(a, b, c)
create table #x (k int, v int);
insert into #x (k, v) select a, b from t;
update #x set v = v + 1;
select v from #x
-- expected
-- columns: #x/k, #x/v, #x/v, v
-- reads: t
-- writes: #x (temporary)
-- #x/k <- t.a IDENTITY
-- #x/v <- t.b IDENTITY
-- #x/v <- t.b TRANSFORMATION : v + 1
-- v <- t.b TRANSFORMATION : v + 1
