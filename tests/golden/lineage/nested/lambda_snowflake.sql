-- dialect: snowflake
-- schema: t(arr, k)
select filter(arr, x -> x:price > k) as f, transform(arr, x int -> x + 1) as m from t
-- expected
-- columns: F, M
-- reads: T
-- F <- T.ARR TRANSFORMATION : filter(arr, x -> x:price > k)
-- F <- T.K TRANSFORMATION : filter(arr, x -> x:price > k)
-- M <- T.ARR TRANSFORMATION : transform(arr, x int -> x + 1)
