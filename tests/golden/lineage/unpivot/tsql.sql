-- dialect: tsql
-- schema: wide(id, jan, feb)
select id, month, amount from wide unpivot (amount for month in (jan, feb)) as u
-- expected
-- columns: id, month, amount
-- id <- wide.id IDENTITY
-- amount <- wide.jan IDENTITY
-- amount <- wide.feb IDENTITY
-- (all) <- wide.jan FILTER : wide unpivot (amount for month in (jan, feb)) as u
-- (all) <- wide.feb FILTER : wide unpivot (amount for month in (jan, feb)) as u
