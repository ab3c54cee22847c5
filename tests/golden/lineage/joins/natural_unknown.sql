-- dialect: duckdb
-- schema: t(id, a)
-- why: the keys of such a join cannot be known
select a from t natural join unknown_table
-- expected
-- columns: a
-- a <- t.a IDENTITY
-- finding: 1:30 natural-join: NATURAL JOIN over columns that are not known: its keys are not known either
