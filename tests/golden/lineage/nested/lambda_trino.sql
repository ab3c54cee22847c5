-- dialect: trino
-- schema: t(arr, k)
select transform(arr, x -> x + k) as m, reduce(arr, 0, (s, x) -> s + x, s -> s) as r, any_match(arr, e -> e > k) as a from t
-- expected
-- columns: m, r, a
-- m <- t.arr TRANSFORMATION : transform(arr, x -> x + k)
-- m <- t.k TRANSFORMATION : transform(arr, x -> x + k)
-- r <- t.arr TRANSFORMATION : reduce(arr, 0, (s, x) -> s + x, s -> s)
-- a <- t.arr TRANSFORMATION : any_match(arr, e -> e > k)
-- a <- t.k TRANSFORMATION : any_match(arr, e -> e > k)
