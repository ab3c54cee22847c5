-- dialect: oracle
-- schema: t(a, b, c)
select nth_value(a, 2) over (partition by b order by c) as v from t
-- expected
-- columns: V
-- reads: T
-- V <- T.A TRANSFORMATION : nth_value(a, 2) over (partition by b order by c)
-- V <- T.B WINDOW : nth_value(a, 2) over (partition by b order by c)
-- V <- T.C WINDOW : nth_value(a, 2) over (partition by b order by c)
