-- dialect: hive
-- schema: t(a, b)
-- why: The file is what is read
load data local inpath '/in/part-0' overwrite into table t partition (ds = 'x')
-- expected
-- columns: t/*
-- reads: /in/part-0
-- writes: t
-- t/* <- /in/part-0.* IDENTITY
