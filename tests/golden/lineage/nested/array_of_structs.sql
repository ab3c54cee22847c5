-- dialect: bigquery
-- schema: d.t(id, x, y)
-- why: An array's elements keep the fields of the structs it was built from
with a as (select id, [struct(x as p, y as q), struct(id as p, y as q)] as arr from d.t)
select id, e.p, e.q, arr[0].q as first from a, a.arr as e
-- expected
-- columns: id, p, q, first
-- reads: d.t
-- id <- d.t.id IDENTITY
-- p <- d.t.x IDENTITY : e.p
-- p <- d.t.id IDENTITY : e.p
-- q <- d.t.y IDENTITY : e.q
-- first <- d.t.y IDENTITY : arr[0].q
-- (all) <- d.t.x JOIN : a.arr as e
-- (all) <- d.t.y JOIN : a.arr as e
-- (all) <- d.t.id JOIN : a.arr as e
