-- dialect: oracle
-- schema: wide(id, jan, feb)
select * from wide unpivot (amount for month in (jan as 'JAN', feb as 'FEB'))
-- expected
-- columns: ID, MONTH, AMOUNT
-- ID <- WIDE.ID IDENTITY
-- AMOUNT <- WIDE.JAN IDENTITY : jan
-- AMOUNT <- WIDE.FEB IDENTITY : feb
-- (all) <- WIDE.JAN FILTER : wide unpivot (amount for month in (jan as 'JAN', feb as 'FEB'))
-- (all) <- WIDE.FEB FILTER : wide unpivot (amount for month in (jan as 'JAN', feb as 'FEB'))
