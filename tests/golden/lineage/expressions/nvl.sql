-- dialect: oracle
-- schema: t(a, b, c)
select nvl(a, b) as v, nvl2(a, b, c) as w from t
-- expected
-- columns: V, W
-- V <- T.A TRANSFORMATION : nvl(a, b)
-- V <- T.B TRANSFORMATION : nvl(a, b)
-- W <- T.A CONDITIONAL : nvl2(a, b, c)
-- W <- T.B TRANSFORMATION : nvl2(a, b, c)
-- W <- T.C TRANSFORMATION : nvl2(a, b, c)
