-- dialect: duckdb
-- schema: t(l, k)
-- why: x is the lambda's own, k is a column
select list_transform(l, lambda x: x + k) as m, list_filter(l, lambda x: x > k) as f from t
-- expected
-- columns: m, f
-- m <- t.l TRANSFORMATION : list_transform(l, lambda x: x + k)
-- m <- t.k TRANSFORMATION : list_transform(l, lambda x: x + k)
-- f <- t.l TRANSFORMATION : list_filter(l, lambda x: x > k)
-- f <- t.k TRANSFORMATION : list_filter(l, lambda x: x > k)
