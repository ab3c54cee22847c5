-- dialect: bigquery
-- schema: d.t(id), d.u(id, x)
select id, array(select x from d.u where u.id = t.id order by x) as xs from d.t
-- expected
-- columns: id, xs
-- id <- d.t.id IDENTITY
-- xs <- d.u.x TRANSFORMATION : array(select x from d.u where u.id = t.id order by x)
-- xs <- d.u.id FILTER : array(select x from d.u where u.id = t.id order by x)
-- xs <- d.t.id FILTER : array(select x from d.u where u.id = t.id order by x)
-- xs <- d.u.x SORT : array(select x from d.u where u.id = t.id order by x)
