-- dialect: duckdb
-- schema: t(info)
select unnest(info) from t
-- expected
-- columns: unnest(info)
-- unnest(info) <- t.info TRANSFORMATION : unnest(info)
-- (all) <- t.info JOIN : unnest(info)
