-- dialect: postgres
-- schema: t(a, b, c)
select jsonb_build_object('k', a, 'l', b) as j from t
-- expected
-- columns: j
-- reads: t
-- j <- t.a TRANSFORMATION : jsonb_build_object('k', a, 'l', b)
-- j <- t.b TRANSFORMATION : jsonb_build_object('k', a, 'l', b)
