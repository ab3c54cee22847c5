-- dialect: bigquery
-- schema: 
-- why: the same over unknown columns
from d.unknown |> set total = price / 100 |> drop day |> rename id as order_id
-- expected
-- columns: *, order_id, total
-- reads: d.unknown
-- order_id <- d.unknown.id IDENTITY
-- total <- d.unknown.price TRANSFORMATION : price / 100
-- * <- d.unknown.* IDENTITY
