-- dialect: bigquery
-- schema: d.t(a, b)
declare n int64 default 0;
set n = (select count(*) from d.t);
if n > 0 then
  insert into d.x (k, v) select a, n from d.t;
else
  insert into d.x (k) select b from d.t;
end if;
-- expected
-- columns: d.x/k, d.x/v, d.x/k
-- reads: d.t
-- writes: d.x
-- d.x/k <- d.t.a IDENTITY
-- d.x/k <- d.t.b IDENTITY
