-- dialect: bigquery
-- why: A text that is put together is not read, and that is said
execute immediate concat('insert into d.t select ', x)
-- expected
-- columns: 
-- finding: 1:19 not-followed: EXECUTE IMMEDIATE of a text that is put together: not followed
