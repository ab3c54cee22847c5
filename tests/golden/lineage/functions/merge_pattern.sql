-- dialect: clickhouse
-- schema: shop.orders(id, total)
-- why: which relations a pattern means is not written
select id from merge('shop', '^orders')
-- expected
-- columns: id
-- id <- ?.id IDENTITY unresolved
-- finding: 1:16 not-followed: merge: which relations it reads is not written here
