-- dialect: bigquery
-- schema: d.t(user, amount)
select user.country, sum(amount) as s from d.t group by user.country
-- expected
-- columns: country, s
-- reads: d.t
-- country <- d.t.user[country] IDENTITY : user.country
-- s <- d.t.amount AGGREGATION : sum(amount)
-- (all) <- d.t.user[country] GROUP_BY : user.country
