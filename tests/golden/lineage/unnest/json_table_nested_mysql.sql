-- dialect: mysql
-- schema: t(j)
-- why: Nested paths are joined; a running number has no path
select jt.name, jt.x from t, json_table(t.j, '$[*]' columns (
  id for ordinality, name varchar(10) path '$.n', nested path '$.c[*]' columns (x int path '$.x')
)) as jt
-- expected
-- columns: name, x
-- reads: t
-- name <- t.j[n] TRANSFORMATION : json_table(t.j, '$[*]' columns ( id for ordinality, name varchar(10) path '$.n', nested path '$.c[*]' columns (x int path '$.x') )) as jt
-- x <- t.j[c.x] TRANSFORMATION : json_table(t.j, '$[*]' columns ( id for ordinality, name varchar(10) path '$.n', nested path '$.c[*]' columns (x int path '$.x') )) as jt
-- (all) <- t.j JOIN : json_table(t.j, '$[*]' columns ( id for ordinality, name varchar(10) path '$.n', nested path '$.c[*]' columns (x int path '$.x') )) as jt
