-- dialect: postgres
-- schema: t(a, b, c)
select json_agg(t) as rows, jsonb_object_agg(a, b) as o from t
-- expected
-- columns: rows, o
-- rows <- t.a AGGREGATION : json_agg(t)
-- rows <- t.b AGGREGATION : json_agg(t)
-- rows <- t.c AGGREGATION : json_agg(t)
-- o <- t.a AGGREGATION : jsonb_object_agg(a, b)
-- o <- t.b AGGREGATION : jsonb_object_agg(a, b)
