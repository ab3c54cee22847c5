-- dialect: sqlite
-- schema: t(a, b, c)
select group_concat(a, ',') over (order by b groups 1 preceding exclude current row) as l from t
-- expected
-- columns: l
-- reads: t
-- l <- t.a AGGREGATION : group_concat(a, ',') over (order by b groups 1 preceding exclude current row)
-- l <- t.b WINDOW : group_concat(a, ',') over (order by b groups 1 preceding exclude current row)
