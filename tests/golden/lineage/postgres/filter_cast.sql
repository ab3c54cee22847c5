-- dialect: postgres
-- schema: t(a, b, c)
select a from t where b::date = current_date and (c->>'x')::int > 1
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.b FILTER : b::date = current_date and (c->>'x')::int > 1
-- (all) <- t.c[x] FILTER : b::date = current_date and (c->>'x')::int > 1
