-- dialect: trino
-- schema: t(m)
select m['k'] as v, element_at(m, 'other') as w from t
-- expected
-- columns: v, w
-- reads: t
-- v <- t.m[k] IDENTITY : m['k']
-- w <- t.m[other] IDENTITY : element_at(m, 'other')
