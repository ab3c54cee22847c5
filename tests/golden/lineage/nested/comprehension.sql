-- dialect: duckdb
-- schema: t(l, k)
select [x + k for x in l if x > k] as m from t
-- expected
-- columns: m
-- reads: t
-- m <- t.l TRANSFORMATION : [x + k for x in l if x > k]
-- m <- t.k TRANSFORMATION : [x + k for x in l if x > k]
-- m <- t.k CONDITIONAL : [x + k for x in l if x > k]
