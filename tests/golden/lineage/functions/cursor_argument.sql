-- dialect: oracle
-- schema: sales(region, total)
-- why: a cursor as an argument of a function in a package
select * from table(tools.spread(cursor(select total from sales)))
-- expected
-- columns: *
-- reads: SALES
-- * <- SALES.TOTAL TRANSFORMATION ambiguous : total
