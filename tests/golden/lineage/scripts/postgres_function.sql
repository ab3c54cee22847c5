-- dialect: postgres
-- schema: t(a)
-- why: what a function's body does is not followed
create function f() returns int language sql as $$ select max(a) from t $$
-- expected
-- columns: 
-- reads: t
-- finding: not-followed: CREATE FUNCTION: what its body does when called is not followed
