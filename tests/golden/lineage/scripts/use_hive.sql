-- dialect: hive
-- why: USE names the schema where tables have two parts
use db1;
insert overwrite table x select a from y;
-- expected
-- columns: db1.x/a
-- reads: db1.y
-- writes: db1.x
-- db1.x/a <- db1.y.a IDENTITY
