-- dialect: clickhouse
-- why: The file is what is read
insert into t (a, b) select x, y from s3('https://bucket/in.csv', 'CSV')
-- expected
-- columns: t/a, t/b
-- reads: https://bucket/in.csv
-- writes: t
-- t/a <- https://bucket/in.csv.x IDENTITY
-- t/b <- https://bucket/in.csv.y IDENTITY
