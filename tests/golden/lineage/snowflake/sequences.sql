-- dialect: snowflake
-- why: nothing is known of the table, but a sequence is no column of it
select ids.nextval as id, s.nextval as own, amt from src as s
-- expected
-- columns: ID, OWN, AMT
-- reads: SRC
-- OWN <- SRC.NEXTVAL IDENTITY : s.nextval
-- AMT <- SRC.AMT IDENTITY : amt
