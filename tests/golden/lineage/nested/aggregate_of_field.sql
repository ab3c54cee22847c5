-- dialect: trino
-- schema: t(item, qty)
select sum(item.price * qty) as s from t
-- expected
-- columns: s
-- reads: t
-- s <- t.item[price] AGGREGATION : sum(item.price * qty)
-- s <- t.qty AGGREGATION : sum(item.price * qty)
