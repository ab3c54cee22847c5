-- dialect: snowflake
-- schema: RAW.ORDERS(id)
-- why: a schema written in the wrong case is understood
select id from "raw"."orders"
-- expected
-- columns: ID
-- reads: RAW.ORDERS
-- ID <- RAW.ORDERS.ID IDENTITY : id
