-- dialect: trino
-- schema: t(id, lines)
-- why: what u has can only be fields of the rows
select id, u.sku from t cross join unnest(lines) as u
-- expected
-- columns: id, sku
-- reads: t
-- id <- t.id IDENTITY
-- sku <- t.lines[sku] TRANSFORMATION : u.sku
-- (all) <- t.lines JOIN : unnest(lines) as u
