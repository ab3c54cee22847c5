-- dialect: oracle
-- schema: t(a, b, c)
select ratio_to_report(a) over (partition by b) as share from t
-- expected
-- columns: SHARE
-- reads: T
-- SHARE <- T.A TRANSFORMATION : ratio_to_report(a) over (partition by b)
-- SHARE <- T.B WINDOW : ratio_to_report(a) over (partition by b)
