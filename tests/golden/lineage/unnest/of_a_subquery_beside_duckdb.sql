-- dialect: duckdb
-- schema: t(id, tags)
select id, (select max(one) from (select unnest(tags) + 1 as one)) as most from t
-- expected
-- columns: id, most
-- reads: t
-- id <- t.id IDENTITY
-- most <- t.tags AGGREGATION : max(one)
-- most <- t.tags JOIN : unnest(tags) + 1 as one
