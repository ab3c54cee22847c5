-- dialect: bigquery
-- schema: d.t(email, id)
-- why: A mask stays on through later steps
with hashed as (select to_hex(sha256(lower(email))) as h, id from d.t)
select concat(h, id) as x, h from hashed
-- expected
-- columns: x, h
-- reads: d.t
-- x <- d.t.email TRANSFORMATION masked : concat(h, id)
-- x <- d.t.id TRANSFORMATION : concat(h, id)
-- h <- d.t.email TRANSFORMATION masked : to_hex(sha256(lower(email)))
