-- dialect: tsql
-- schema: dbo.t(id, v), dbo.raw(id, v, d)
-- why: The branches of a MERGE after WITH are no statements
create or alter procedure dbo.p (@d date = null) as
begin
  set nocount on;
  with src as (select id, sum(v) as v from dbo.raw where d = @d group by id)
  merge dbo.t as t using src as s on s.id = t.id
  when matched and t.v <> s.v then update set v = s.v
  when not matched by target then insert (id, v) values (s.id, s.v)
  when not matched by source then delete;
  return 0;
end
-- expected
-- columns: dbo.t/v, dbo.t/id
-- reads: dbo.raw
-- writes: dbo.t
-- dbo.t/v <- dbo.raw.v AGGREGATION : sum(v)
-- dbo.t/id <- dbo.raw.id IDENTITY
-- dbo.t/(all) <- dbo.raw.id JOIN : s.id = t.id
-- dbo.t/(all) <- dbo.t.id JOIN : s.id = t.id
-- dbo.t/(all) <- dbo.t.v FILTER : t.v <> s.v
-- dbo.t/(all) <- dbo.raw.v FILTER : t.v <> s.v
-- dbo.t/(all) <- dbo.raw.d FILTER : d = @d
-- dbo.t/(all) <- dbo.raw.id GROUP_BY
