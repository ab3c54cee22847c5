-- dialect: spark
-- why: A table without a query is written, and nothing flows
create table t (a int, b string) using parquet location '/data/t'
-- expected
-- columns: 
-- writes: t
