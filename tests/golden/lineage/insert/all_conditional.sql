-- dialect: snowflake
-- schema: s(a, b)
insert all
  when a > 1 then into x (k) values (a)
  when b > 1 then into y (k, v) values (a, b)
  else into z (k) values (b)
select a, b from s
-- expected
-- columns: X/K, Y/K, Y/V, Z/K
-- reads: S
-- writes: X
-- writes: Y
-- writes: Z
-- X/K <- S.A IDENTITY : a
-- X/(all) <- S.A FILTER : a > 1
-- Y/K <- S.A IDENTITY : a
-- Y/V <- S.B IDENTITY : b
-- Y/(all) <- S.B FILTER : b > 1
-- Z/K <- S.B IDENTITY : b
-- Z/(all) <- S.A FILTER : a > 1
-- Z/(all) <- S.B FILTER : b > 1
