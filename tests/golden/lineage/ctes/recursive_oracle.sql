-- dialect: oracle
-- schema: emp(id, boss)
with tree (id, lvl) as (
  select id, 1 from emp where boss is null
  union all
  select e.id, t.lvl + 1 from emp e join tree t on e.boss = t.id
)
select id, lvl from tree
-- expected
-- columns: ID, LVL
-- reads: EMP
-- ID <- EMP.ID IDENTITY : id
-- (all) <- EMP.BOSS JOIN : e.boss = t.id
-- (all) <- EMP.ID JOIN : e.boss = t.id
-- (all) <- EMP.BOSS FILTER : boss is null
