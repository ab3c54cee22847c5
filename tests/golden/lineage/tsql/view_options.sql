-- dialect: tsql
-- schema: t(a)
-- why: Words around a view's query
create view v with schemabinding as select a from t with check option
-- expected
-- columns: v/a
-- reads: t
-- writes: v
-- v/a <- t.a IDENTITY
