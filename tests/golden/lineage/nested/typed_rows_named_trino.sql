-- dialect: trino
-- schema: t(id bigint, lines array(row(sku varchar, qty integer)))
select id, a, b from t cross join unnest(lines) as u (a, b)
-- expected
-- columns: id, a, b
-- reads: t
-- id <- t.id IDENTITY
-- a <- t.lines[sku] TRANSFORMATION : a
-- b <- t.lines[qty] TRANSFORMATION : b
-- (all) <- t.lines JOIN : unnest(lines) as u (a, b)
