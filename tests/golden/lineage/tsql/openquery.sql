-- dialect: tsql
-- why: What the other server is asked is not read; the server is
select a from openquery(srv, 'select a from t')
-- expected
-- columns: a
-- reads: srv
-- a <- srv.a IDENTITY
-- finding: 1:15 not-followed: openquery: the query in its text is not followed
