-- dialect: postgres
-- schema: t(a), u(x)
create temp table s as select a from t;
insert into s select x from u;
select a from s
-- expected
-- columns: s/a, s/a, a
-- reads: t, u
-- writes: s (temporary)
-- s/a <- t.a IDENTITY
-- s/a <- u.x IDENTITY
-- a <- t.a IDENTITY
-- a <- u.x IDENTITY
