-- dialect: bigquery
-- schema: d.s(a)
-- why: What is written when something fails is written too
begin
  insert into d.t (a) select a from d.s;
exception when error then
  insert into d.err (m) select @@error.message;
end
-- expected
-- columns: d.t/a, d.err/m
-- reads: d.s
-- writes: d.err
-- writes: d.t
-- d.t/a <- d.s.a IDENTITY
