-- dialect: bigquery
-- schema: d.t(a)
begin
  create temp table s as select a from d.t;
  insert into d.x (k) select a from s;
end;
-- expected
-- columns: s/a, d.x/k
-- reads: d.t
-- writes: d.x
-- writes: s (temporary)
-- s/a <- d.t.a IDENTITY
-- d.x/k <- d.t.a IDENTITY
