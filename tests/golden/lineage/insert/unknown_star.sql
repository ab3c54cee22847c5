-- dialect: duckdb
-- schema: x(k, v)
-- why: which column lands where is not certain
insert into x select * from unknown_table
-- expected
-- columns: x/k, x/v
-- reads: unknown_table
-- writes: x
-- x/k <- unknown_table.k IDENTITY ambiguous
-- x/v <- unknown_table.v IDENTITY ambiguous
