-- dialect: bigquery
-- schema: d.t(a)
select safe.parse_date('%Y', a) as d, net.host(a) as h from d.t
-- expected
-- columns: d, h
-- reads: d.t
-- d <- d.t.a TRANSFORMATION : safe.parse_date('%Y', a)
-- h <- d.t.a TRANSFORMATION : net.host(a)
