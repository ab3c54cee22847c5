-- dialect: tsql
-- schema: t(id, tags)
select t.id, s.value from t cross apply string_split(t.tags, ',') s
-- expected
-- columns: id, value
-- reads: t
-- id <- t.id IDENTITY : t.id
-- value <- t.tags TRANSFORMATION : string_split(t.tags, ',') s
-- (all) <- t.tags JOIN : string_split(t.tags, ',') s
