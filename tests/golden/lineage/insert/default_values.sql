-- dialect: postgres
-- schema: t(a, b)
-- why: DEFAULT is nobody's column
insert into t values (1, default);
update t set a = default, b = a;
-- expected
-- columns: t/a, t/b, t/a, t/b
-- writes: t
-- t/b <- t.a IDENTITY
