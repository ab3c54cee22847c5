-- dialect: clickhouse
-- schema: t(a, b), u(x)
with 10 as top, (select max(x) from u) as highest select a, b / highest as share from t where a < top
-- expected
-- columns: a, share
-- reads: t, u
-- a <- t.a IDENTITY
-- share <- t.b TRANSFORMATION : b / highest
-- share <- u.x AGGREGATION : b / highest
-- (all) <- t.a FILTER : a < top
