-- dialect: databricks
-- schema: t(id, items)
-- why: the second explodes what the first gave
select id, tag from t lateral view explode(items) e as item lateral view explode(item.tags) f as tag
-- expected
-- columns: id, tag
-- id <- t.id IDENTITY
-- tag <- t.items[tags] TRANSFORMATION : explode(item.tags) f as tag
-- (all) <- t.items[tags] JOIN : explode(item.tags) f as tag
-- (all) <- t.items JOIN : explode(items) e as item
