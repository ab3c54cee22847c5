-- dialect: snowflake
-- schema: emp(id, boss, name)
select id, level, sys_connect_by_path(name, '/') as path from emp start with boss is null connect by boss = prior id
-- expected
-- columns: ID, LEVEL, PATH
-- reads: EMP
-- ID <- EMP.ID IDENTITY : id
-- PATH <- EMP.NAME TRANSFORMATION : sys_connect_by_path(name, '/')
-- (all) <- EMP.BOSS FILTER : boss is null
-- (all) <- EMP.ID FILTER : boss = prior id
