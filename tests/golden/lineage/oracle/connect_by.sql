-- dialect: oracle
-- schema: emp(id, boss, name)
select name, level, connect_by_root name as top from emp start with boss is null connect by nocycle prior id = boss order siblings by name
-- expected
-- columns: NAME, LEVEL, TOP
-- NAME <- EMP.NAME IDENTITY : name
-- TOP <- EMP.NAME TRANSFORMATION : connect_by_root name
-- (all) <- EMP.BOSS FILTER : boss is null
-- (all) <- EMP.ID FILTER : nocycle prior id = boss
-- (all) <- EMP.NAME SORT : name
