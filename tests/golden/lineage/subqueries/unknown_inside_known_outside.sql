-- dialect: duckdb
-- schema: t(id, a)
-- why: the unknown inner source or the known outer one
select a from t where exists (select 1 from unknown_table where a = 1)
-- expected
-- columns: a
-- reads: t, unknown_table
-- a <- t.a IDENTITY
-- (all) <- {unknown_table or t}!.a FILTER ambiguous : exists (select 1 from unknown_table where a = 1)
-- finding: 1:65 ambiguous-column: a could be a column of t, unknown_table
