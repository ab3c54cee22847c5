-- dialect: postgres
-- schema: emp(id, boss, name)
-- why: the same relation twice
select e.name, b.name as boss_name from emp e left join emp b on e.boss = b.id
-- expected
-- columns: name, boss_name
-- name <- emp.name IDENTITY : e.name
-- boss_name <- emp.name IDENTITY : b.name
-- (all) <- emp.boss JOIN : e.boss = b.id
-- (all) <- emp.id JOIN : e.boss = b.id
