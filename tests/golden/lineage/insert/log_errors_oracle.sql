-- dialect: oracle
-- schema: t(a, b), s(x, y)
-- why: What becomes of the rows that fail is not followed
insert into t (a, b) select x, y from s log errors into e ('x') reject limit unlimited
-- expected
-- columns: T/A, T/B
-- reads: S
-- writes: T
-- T/A <- S.X IDENTITY : x
-- T/B <- S.Y IDENTITY : y
