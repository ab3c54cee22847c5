-- dialect: postgres
-- schema: x(k, v), t(a)
insert into x values (1, 'one'), ((select max(a) from t), 'two')
-- expected
-- columns: x/k, x/v
-- reads: t
-- writes: x
-- x/k <- t.a AGGREGATION : max(a)
