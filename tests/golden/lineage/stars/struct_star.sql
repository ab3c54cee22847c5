-- dialect: bigquery
-- schema: d.t(id, address)
-- why: the fields of a struct whose type is not known
select id, address.* from d.t
-- expected
-- columns: id, *
-- reads: d.t
-- id <- d.t.id IDENTITY
-- * <- d.t.address IDENTITY : address.*
