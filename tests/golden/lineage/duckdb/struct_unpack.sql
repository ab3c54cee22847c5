-- dialect: duckdb
-- schema: t(info)
select unnest(info) from t
-- expected
-- columns: unnest(info)
-- reads: t
-- unnest(info) <- t.info TRANSFORMATION : unnest(info)
-- (all) <- t.info JOIN : unnest(info)
