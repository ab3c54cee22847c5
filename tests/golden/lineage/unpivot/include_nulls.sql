-- dialect: snowflake
-- schema: wide(id, jan, feb)
-- why: no row is left out, so no value decides
select * from wide unpivot include nulls (amount for month in (jan, feb))
-- expected
-- columns: ID, MONTH, AMOUNT
-- reads: WIDE
-- ID <- WIDE.ID IDENTITY
-- AMOUNT <- WIDE.JAN IDENTITY : jan
-- AMOUNT <- WIDE.FEB IDENTITY : feb
