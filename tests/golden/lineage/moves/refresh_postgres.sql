-- dialect: postgres
-- why: What it reads is said where the view is made
refresh materialized view concurrently s.v
-- expected
-- columns: 
-- writes: s.v
