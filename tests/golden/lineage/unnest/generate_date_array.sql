-- dialect: bigquery
select day from unnest(generate_date_array('2024-01-01', '2024-01-31')) as day
-- expected
-- columns: day
