-- dialect: mysql
-- schema: t(a)
insert into x values (1, (select max(a) from t))
-- expected
-- columns: x/column_0, x/column_1
-- reads: t
-- writes: x
-- x/column_1 <- t.a AGGREGATION : max(a)
-- finding: unnamed-target: x: its columns are not known, so the values are named by position
