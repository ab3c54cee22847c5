-- dialect: tsql
-- why: What the other server is asked is not read; the server is
select a from openquery(srv, 'select a from t')
-- expected
-- columns: a
-- reads: srv.t
-- a <- srv.t.a IDENTITY
