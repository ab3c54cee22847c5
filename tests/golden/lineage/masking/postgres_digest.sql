-- dialect: postgres
-- schema: t(a)
-- why: pgcrypto
select encode(digest(a, 'sha256'), 'hex') as h, crypt(a, 'salt') as c from t
-- expected
-- columns: h, c
-- reads: t
-- h <- t.a TRANSFORMATION masked : encode(digest(a, 'sha256'), 'hex')
-- c <- t.a TRANSFORMATION masked : crypt(a, 'salt')
