-- dialect: duckdb
select list_transform(items, i -> i.price * rate) as r, [i.qty for i in items if i.qty > least] as q from t
-- expected
-- columns: r, q
-- reads: t
-- r <- t.items TRANSFORMATION : list_transform(items, i -> i.price * rate)
-- r <- t.rate TRANSFORMATION : list_transform(items, i -> i.price * rate)
-- q <- t.items TRANSFORMATION : [i.qty for i in items if i.qty > least]
-- q <- t.least CONDITIONAL : [i.qty for i in items if i.qty > least]
