-- dialect: mysql
-- schema: t(a, b)
-- why: The file is what is read
load data infile '/in/t.csv' into table t fields terminated by ','
-- expected
-- columns: t/*
-- reads: /in/t.csv
-- writes: t
-- t/* <- /in/t.csv.* IDENTITY
