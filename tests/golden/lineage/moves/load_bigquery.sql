-- dialect: bigquery
-- why: The first file is what is read
load data into d.t from files (format = 'CSV', uris = ['gs://b/x.csv'])
-- expected
-- columns: d.t/*
-- reads: gs://b/x.csv
-- writes: d.t
-- d.t/* <- gs://b/x.csv.* IDENTITY
