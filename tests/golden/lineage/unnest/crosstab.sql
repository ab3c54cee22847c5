-- dialect: postgres
-- why: A query in a text is not read, and that is said
select * from crosstab('select a, b, c from t') as ct(a int, b int)
-- expected
-- columns: a, b
-- finding: 1:15 not-followed: crosstab: the query in its text is not followed
