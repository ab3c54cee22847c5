-- dialect: databricks
-- why: Names after USE are completed by it
use catalog c;
use schema s;
create table x as select a from y;
use d.e;
insert into x select a from b.z;
-- expected
-- columns: c.s.x/a, d.e.x/a
-- reads: c.s.y, d.b.z
-- writes: c.s.x
-- writes: d.e.x
-- c.s.x/a <- c.s.y.a IDENTITY
-- d.e.x/a <- d.b.z.a IDENTITY
