-- dialect: trino
select x from unnest(sequence(1, 10)) as t (x)
-- expected
-- columns: x
