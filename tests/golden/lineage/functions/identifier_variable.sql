-- dialect: snowflake
-- schema: shop.sales(region, total, day)
-- why: a name that is put together is told
select total from identifier($which)
-- expected
-- columns: TOTAL
-- TOTAL <- ?.TOTAL IDENTITY unresolved : total
-- finding: 1:19 not-followed: identifier: the name of its relation is put together
