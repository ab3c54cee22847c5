-- dialect: postgres
-- schema: t(a)
-- why: an element by number is the array's own value
select a[1] as first_element, a[2:3] as part from t
-- expected
-- columns: first_element, part
-- reads: t
-- first_element <- t.a IDENTITY : a[1]
-- part <- t.a IDENTITY : a[2:3]
