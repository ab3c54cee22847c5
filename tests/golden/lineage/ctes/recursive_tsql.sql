-- dialect: tsql
-- schema: emp(id, boss)
-- why: T-SQL needs no RECURSIVE
with tree as (
  select id, boss, 0 as depth from emp where boss is null
  union all
  select e.id, e.boss, t.depth + 1 from emp e join tree t on e.boss = t.id
)
select id, depth from tree
-- expected
-- columns: id, depth
-- reads: emp
-- id <- emp.id IDENTITY
-- (all) <- emp.boss JOIN : e.boss = t.id
-- (all) <- emp.id JOIN : e.boss = t.id
-- (all) <- emp.boss FILTER : boss is null
