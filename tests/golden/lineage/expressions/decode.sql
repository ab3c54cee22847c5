-- dialect: oracle
-- schema: t(a, b, c)
select decode(a, 1, b, 2, c, 0) as v from t
-- expected
-- columns: V
-- reads: T
-- V <- T.A CONDITIONAL : decode(a, 1, b, 2, c, 0)
-- V <- T.B TRANSFORMATION : decode(a, 1, b, 2, c, 0)
-- V <- T.C TRANSFORMATION : decode(a, 1, b, 2, c, 0)
