-- dialect: hive
-- schema: t(a, b, c)
select a, b from t distribute by a sort by b
-- expected
-- columns: a, b
-- reads: t
-- a <- t.a IDENTITY
-- b <- t.b IDENTITY
-- (all) <- t.b SORT
-- (all) <- t.a SORT
