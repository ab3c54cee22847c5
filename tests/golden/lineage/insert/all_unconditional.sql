-- dialect: oracle
-- schema: s(a, b)
insert all into x (k) values (a) into y (v) values (b + 1) select a, b from s
-- expected
-- columns: X/K, Y/V
-- reads: S
-- writes: X
-- writes: Y
-- X/K <- S.A IDENTITY : a
-- Y/V <- S.B TRANSFORMATION : b + 1
