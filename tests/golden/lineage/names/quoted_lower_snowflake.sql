-- dialect: snowflake
-- schema: "orders"("id", "Total"), raw.x(y)
-- why: quoted names keep their case
select "id", "Total" as total from "orders"
-- expected
-- columns: id, TOTAL
-- reads: orders
-- id <- orders.id IDENTITY : "id"
-- TOTAL <- orders.Total IDENTITY : "Total"
