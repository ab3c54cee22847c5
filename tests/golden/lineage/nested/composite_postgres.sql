-- dialect: postgres
-- schema: t(id, addr)
select (addr).city, (t.addr).zip as zip from t
-- expected
-- columns: city, zip
-- reads: t
-- city <- t.addr[city] IDENTITY : (addr).city
-- zip <- t.addr[zip] IDENTITY : (t.addr).zip
