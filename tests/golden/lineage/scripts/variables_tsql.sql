-- dialect: tsql
-- schema: t0(a), t1(a), t2(b), t3(x), v(a, b), q(a)
-- why: What a query has put into a variable goes on from there
declare @x int = (select max(a) from t0);
select @x = b from t2;
if exists (select 1 from t3) begin insert into w (a, c) select a, @x from v where b > @x end
while (select count(*) from t1) > 1 begin update q set a = 1 end
-- expected
-- columns: w/a, w/c, q/a
-- reads: t0, t1, t2, t3, v
-- writes: q
-- writes: w
-- w/a <- v.a IDENTITY
-- w/c <- t0.a AGGREGATION : max(a)
-- w/c <- t2.b IDENTITY
-- w/(all) <- v.b FILTER : b > @x
-- w/(all) <- t0.a FILTER : b > @x
-- w/(all) <- t2.b FILTER : b > @x
