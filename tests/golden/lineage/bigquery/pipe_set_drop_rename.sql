-- dialect: bigquery
-- schema: d.orders(id, total, day, customer), d.people(id, name)
-- why: columns changed in their places
from d.orders |> set total = total / 100 |> drop day |> rename id as order_id
-- expected
-- columns: order_id, total, customer
-- reads: d.orders
-- order_id <- d.orders.id IDENTITY
-- total <- d.orders.total TRANSFORMATION : total / 100
-- customer <- d.orders.customer IDENTITY
