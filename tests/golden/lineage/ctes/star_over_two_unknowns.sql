-- dialect: duckdb
-- why: which of two unknown stars holds the column cannot be known
with src as (select * from raw.orders, raw.lines) select qty from src
-- expected
-- columns: qty
-- reads: raw.lines, raw.orders
-- qty <- {raw.orders or raw.lines}.qty IDENTITY ambiguous
-- finding: 1:58 ambiguous-column: qty could be a column of raw.lines, raw.orders
