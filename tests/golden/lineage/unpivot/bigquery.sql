-- dialect: bigquery
-- schema: d.wide(id, jan, feb)
select id, month, amount from d.wide unpivot (amount for month in (jan as 'January', feb))
-- expected
-- columns: id, month, amount
-- id <- d.wide.id IDENTITY
-- amount <- d.wide.jan IDENTITY
-- amount <- d.wide.feb IDENTITY
-- (all) <- d.wide.jan FILTER : d.wide unpivot (amount for month in (jan as 'January', feb))
-- (all) <- d.wide.feb FILTER : d.wide unpivot (amount for month in (jan as 'January', feb))
