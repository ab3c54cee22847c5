-- dialect: duckdb
-- schema: wide(id, jan, feb)
select month, amount from wide unpivot (amount for month in (jan, feb))
-- expected
-- columns: month, amount
-- reads: wide
-- amount <- wide.jan IDENTITY
-- amount <- wide.feb IDENTITY
-- (all) <- wide.jan FILTER : wide unpivot (amount for month in (jan, feb))
-- (all) <- wide.feb FILTER : wide unpivot (amount for month in (jan, feb))
