-- dialect: tsql
-- schema: t(id, q1, q2)
select t.id, v.quarter, v.amount from t outer apply (values (1, t.q1), (2, t.q2)) v (quarter, amount)
-- expected
-- columns: id, quarter, amount
-- reads: t
-- id <- t.id IDENTITY : t.id
-- amount <- t.q1 IDENTITY : t.q1
-- amount <- t.q2 IDENTITY : t.q2
