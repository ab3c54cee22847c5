-- dialect: databricks
-- why: steps into a lambda's argument are steps into the array
select filter(items, i -> i.price > 10 and i.q.z = lim) as r, aggregate(items, 0, (acc, i) -> acc + i.n) as s, exists(a, e -> e['k'] = 1) as x from t
-- expected
-- columns: r, s, x
-- reads: t
-- r <- t.items TRANSFORMATION : filter(items, i -> i.price > 10 and i.q.z = lim)
-- r <- t.lim TRANSFORMATION : filter(items, i -> i.price > 10 and i.q.z = lim)
-- s <- t.items TRANSFORMATION : aggregate(items, 0, (acc, i) -> acc + i.n)
-- x <- t.a TRANSFORMATION : exists(a, e -> e['k'] = 1)
