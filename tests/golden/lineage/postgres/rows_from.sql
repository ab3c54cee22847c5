-- dialect: postgres
select x, y from rows from (generate_series(1, 2), generate_series(3, 4)) as r (x, y)
-- expected
-- columns: x, y
