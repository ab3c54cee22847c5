-- dialect: bigquery
-- schema: d.u(id, x)
select array(select as struct id, x from d.u) as rows
-- expected
-- columns: rows
-- reads: d.u
-- rows <- d.u.id TRANSFORMATION : array(select as struct id, x from d.u)
-- rows <- d.u.x TRANSFORMATION : array(select as struct id, x from d.u)
