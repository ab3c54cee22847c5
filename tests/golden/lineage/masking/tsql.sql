-- dialect: tsql
-- schema: t(a, b)
-- why: HASHBYTES and CHECKSUM
select hashbytes('SHA2_256', concat(a, b)) as h, checksum(a) as c from t
-- expected
-- columns: h, c
-- reads: t
-- h <- t.a TRANSFORMATION masked : hashbytes('SHA2_256', concat(a, b))
-- h <- t.b TRANSFORMATION masked : hashbytes('SHA2_256', concat(a, b))
-- c <- t.a TRANSFORMATION masked : checksum(a)
