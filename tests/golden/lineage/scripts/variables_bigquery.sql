-- dialect: bigquery
-- schema: d.t(x), d.v(a, b)
-- why: A variable is no column; what was put into it is where its value comes from
declare m date default (select max(x) from d.t);
insert into d.w (a, m) select a, m from d.v where b > m;
-- expected
-- columns: d.w/a, d.w/m
-- reads: d.t, d.v
-- writes: d.w
-- d.w/a <- d.v.a IDENTITY
-- d.w/m <- d.t.x AGGREGATION : max(x)
-- d.w/(all) <- d.v.b FILTER : b > m
-- d.w/(all) <- d.t.x FILTER : b > m
