-- dialect: snowflake
-- why: code in another language is not followed, and said so
create or replace procedure p() returns string language javascript as $$ return 1; $$
-- expected
-- columns: 
-- finding: 1:1 not-followed: the body of this procedure is not followed
