-- dialect: duckdb
-- why: the columns are not known: the star itself is the edge
select * from raw.orders
-- expected
-- columns: *
-- reads: raw.orders
-- * <- raw.orders.* IDENTITY
