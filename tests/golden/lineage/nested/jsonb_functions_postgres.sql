-- dialect: postgres
-- schema: t(j)
-- why: Paths given as keys or as a path
select jsonb_extract_path(j, 'a', 'b') as x, jsonb_extract_path_text(j, 'c') as y, jsonb_path_query_first(j, '$.p.q') as z from t
-- expected
-- columns: x, y, z
-- reads: t
-- x <- t.j[a.b] IDENTITY : jsonb_extract_path(j, 'a', 'b')
-- y <- t.j[c] TRANSFORMATION : jsonb_extract_path_text(j, 'c')
-- z <- t.j[p.q] IDENTITY : jsonb_path_query_first(j, '$.p.q')
