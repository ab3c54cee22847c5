-- dialect: duckdb
-- schema: wide(id, jan, feb)
unpivot wide on jan, feb into name month value amount
-- expected
-- columns: id, month, amount
-- id <- wide.id IDENTITY
-- amount <- wide.jan IDENTITY
-- amount <- wide.feb IDENTITY
-- (all) <- wide.jan FILTER : unpivot wide
-- (all) <- wide.feb FILTER : unpivot wide
