-- dialect: tsql
-- why: ON is the end of these
set nocount on; insert into t (a) select a from s; set identity_insert t on
-- expected
-- columns: t/a
-- reads: s
-- writes: t
-- t/a <- s.a IDENTITY
