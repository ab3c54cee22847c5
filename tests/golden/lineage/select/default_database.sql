-- dialect: snowflake
-- schema: PROD.RAW.ORDERS(ID)
-- database: PROD
-- default_schema: RAW
-- why: both defaults fill the name in
select id from orders
-- expected
-- columns: ID
-- reads: PROD.RAW.ORDERS
-- ID <- PROD.RAW.ORDERS.ID IDENTITY : id
