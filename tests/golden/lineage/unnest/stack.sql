-- dialect: hive
-- schema: t(id, a, b)
select id, stack(2, 'a', a, 'b', b) as (name, v) from t
-- expected
-- columns: id, name, v
-- id <- t.id IDENTITY
-- v <- t.a IDENTITY : stack(2, 'a', a, 'b', b) as (name, v)
-- v <- t.b IDENTITY : stack(2, 'a', a, 'b', b) as (name, v)
-- (all) <- t.a JOIN : stack(2, 'a', a, 'b', b) as (name, v)
-- (all) <- t.b JOIN : stack(2, 'a', a, 'b', b) as (name, v)
