-- dialect: postgres
-- schema: emp(id, boss, name)
with recursive tree as (
  select id, boss, name, 1 as depth, name as path from emp where boss is null
  union all
  select e.id, e.boss, e.name, t.depth + 1, t.path || '/' || e.name from emp e join tree t on e.boss = t.id
)
select id, depth, path from tree
-- expected
-- columns: id, depth, path
-- reads: emp
-- id <- emp.id IDENTITY
-- path <- emp.name TRANSFORMATION : t.path || '/' || e.name
-- path <- emp.name IDENTITY
-- (all) <- emp.boss JOIN : e.boss = t.id
-- (all) <- emp.id JOIN : e.boss = t.id
-- (all) <- emp.boss FILTER : boss is null
