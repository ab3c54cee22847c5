-- dialect: presto
-- schema: t(arr)
select arr[1] as first_element from t
-- expected
-- columns: first_element
-- reads: t
-- first_element <- t.arr IDENTITY : arr[1]
