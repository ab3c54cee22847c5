-- dialect: clickhouse
-- why: Tables of other servers
select a from remote('host', db.tbl) union all select b from cluster('c', db, tbl2)
-- expected
-- columns: a
-- reads: db.tbl, db.tbl2
-- a <- db.tbl.a IDENTITY
-- a <- db.tbl2.b IDENTITY
