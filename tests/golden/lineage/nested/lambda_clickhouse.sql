-- dialect: clickhouse
-- schema: t(arr, k)
select arrayMap(x -> x + k, arr) as m, arrayFilter((x, y) -> y > k, arr, arr) as f from t
-- expected
-- columns: m, f
-- reads: t
-- m <- t.arr TRANSFORMATION : arrayMap(x -> x + k, arr)
-- m <- t.k TRANSFORMATION : arrayMap(x -> x + k, arr)
-- f <- t.k TRANSFORMATION : arrayFilter((x, y) -> y > k, arr, arr)
-- f <- t.arr TRANSFORMATION : arrayFilter((x, y) -> y > k, arr, arr)
