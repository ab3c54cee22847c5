-- dialect: postgres
-- schema: t(a, b)
-- why: the others are followed, the bad one is told
insert into x (k) select a from t;
insert into y select from where;
insert into z (k) select b from t;
-- expected
-- columns: x/k, z/k
-- reads: t
-- writes: x
-- writes: z
-- x/k <- t.a IDENTITY
-- z/k <- t.b IDENTITY
-- finding: 2:27 not-parsed: postgres: Expected table name but got 'where' at line 2, column 27 near 'where'
