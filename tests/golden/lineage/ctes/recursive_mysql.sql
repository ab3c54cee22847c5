-- dialect: mysql
-- why: a series depends on nothing
with recursive seq as (select 1 as n union all select n + 1 from seq where n < 10)
select n from seq
-- expected
-- columns: n
