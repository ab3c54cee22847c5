-- dialect: duckdb
-- schema: t(id, tags)
select id from (select id, upper(unnest(tags)) as tag from t)
-- expected
-- columns: id
-- reads: t
-- id <- t.id IDENTITY
-- (all) <- t.tags JOIN : upper(unnest(tags)) as tag
