-- dialect: redshift
-- schema: t(j)
select json_extract_path_text(j, 'a', 'b') as b from t
-- expected
-- columns: b
-- reads: t
-- b <- t.j[a.b] TRANSFORMATION : json_extract_path_text(j, 'a', 'b')
