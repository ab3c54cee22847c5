-- dialect: snowflake
-- schema: a(x, y)
-- why: The table was made elsewhere; its columns go on under the new name
alter table db.s.a rename to b
-- expected
-- columns: DB.S.B/X, DB.S.B/Y
-- reads: A
-- writes: DB.S.B
-- DB.S.B/X <- A.X IDENTITY
-- DB.S.B/Y <- A.Y IDENTITY
