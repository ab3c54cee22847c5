-- dialect: snowflake
-- schema: t(v)
select get_path(v, 'a.b') as b, get(v, 'c') as c, parse_json(v):d as d from t
-- expected
-- columns: B, C, D
-- reads: T
-- B <- T.V[a.b] IDENTITY : get_path(v, 'a.b')
-- C <- T.V[c] IDENTITY : get(v, 'c')
-- D <- T.V[d] TRANSFORMATION : parse_json(v):d
