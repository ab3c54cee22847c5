-- dialect: bigquery
select n from unnest([1, 2, 3]) as n
-- expected
-- columns: n
