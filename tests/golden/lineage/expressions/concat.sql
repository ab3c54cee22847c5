-- dialect: oracle
-- schema: t(a, b, c)
select a || '-' || b as label from t
-- expected
-- columns: LABEL
-- reads: T
-- LABEL <- T.A TRANSFORMATION : a || '-' || b
-- LABEL <- T.B TRANSFORMATION : a || '-' || b
