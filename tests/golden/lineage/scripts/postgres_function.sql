-- dialect: postgres
-- schema: t(a)
-- why: what a function's body does is not followed
create function f() returns int language sql as $$ select max(a) from t $$
-- expected
-- columns: 
-- reads: t
-- finding: no-data: CREATE FUNCTION f: moves no data until it is called
