-- dialect: databricks
-- schema: wide(id, jan, feb)
select id, amount * 2 as twice from wide unpivot include nulls (amount for month in (jan as `January`, feb as `February`))
-- expected
-- columns: id, twice
-- reads: wide
-- id <- wide.id IDENTITY
-- twice <- wide.jan TRANSFORMATION : amount * 2
-- twice <- wide.feb TRANSFORMATION : amount * 2
