-- dialect: bigquery
-- why: columns named beside an unknown star are known
select * except (a) replace (b + 1 as b) from d.unknown
-- expected
-- columns: *, b
-- reads: d.unknown
-- b <- d.unknown.b TRANSFORMATION : b + 1
-- * <- d.unknown.* IDENTITY
