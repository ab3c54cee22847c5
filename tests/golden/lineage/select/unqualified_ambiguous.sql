-- dialect: duckdb
-- why: two relations could have it: both are told, none is chosen
select points from raw.members, raw.scores
-- expected
-- columns: points
-- reads: raw.members, raw.scores
-- points <- {raw.members or raw.scores}.points IDENTITY ambiguous
-- finding: 1:8 ambiguous-column: points could be a column of raw.members, raw.scores
