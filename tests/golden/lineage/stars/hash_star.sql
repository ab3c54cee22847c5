-- dialect: snowflake
-- schema: t(a, b)
-- why: a function of the whole row
select hash(*) as h from t
-- expected
-- columns: H
-- reads: T
-- H <- T.A TRANSFORMATION masked : hash(*)
-- H <- T.B TRANSFORMATION masked : hash(*)
