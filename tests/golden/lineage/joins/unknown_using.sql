-- dialect: trino
-- why: a USING column is on both sides by definition
select id, a.x from a join b using (id)
-- expected
-- columns: id, x
-- reads: a, b
-- id <- a.id IDENTITY
-- x <- a.x IDENTITY : a.x
-- (all) <- a.id JOIN
-- (all) <- b.id JOIN
