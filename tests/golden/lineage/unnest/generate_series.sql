-- dialect: postgres
select d::date as day from generate_series('2024-01-01'::date, '2024-01-31'::date, interval '1 day') as g (d)
-- expected
-- columns: day
