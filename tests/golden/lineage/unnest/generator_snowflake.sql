-- dialect: snowflake
select seq4() as n from table(generator(rowcount => 10))
-- expected
-- columns: N
