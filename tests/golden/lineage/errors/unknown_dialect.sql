-- dialect: postgrees
select 1
-- expected
-- error: no SQL dialect is called 'postgrees'
