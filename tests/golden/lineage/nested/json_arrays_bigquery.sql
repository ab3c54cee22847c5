-- dialect: bigquery
-- schema: d.t(j)
-- why: Arrays taken out of a document keep the path
select json_query_array(j, '$.l.m') as x, item from d.t, unnest(json_query_array(j, '$.items')) as item
-- expected
-- columns: x, item
-- reads: d.t
-- x <- d.t.j[l.m] TRANSFORMATION : json_query_array(j, '$.l.m')
-- item <- d.t.j[items] TRANSFORMATION : unnest(json_query_array(j, '$.items')) as item
-- (all) <- d.t.j[items] JOIN : unnest(json_query_array(j, '$.items')) as item
