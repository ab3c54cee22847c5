-- dialect: redshift
-- schema: wide(id, jan, feb)
select id, amount from wide unpivot (amount for month in (jan, feb))
-- expected
-- columns: id, amount
-- id <- wide.id IDENTITY
-- amount <- wide.jan IDENTITY
-- amount <- wide.feb IDENTITY
-- (all) <- wide.jan FILTER : wide unpivot (amount for month in (jan, feb))
-- (all) <- wide.feb FILTER : wide unpivot (amount for month in (jan, feb))
