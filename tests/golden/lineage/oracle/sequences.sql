-- dialect: oracle
-- schema: s(amt)
-- why: a sequence gives no column
insert into t (id, last, amt) select ids.nextval, app.ids.currval, amt from s
-- expected
-- columns: T/ID, T/LAST, T/AMT
-- reads: S
-- writes: T
-- T/AMT <- S.AMT IDENTITY : amt
