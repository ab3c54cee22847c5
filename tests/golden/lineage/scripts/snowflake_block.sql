-- dialect: snowflake
-- schema: t(a, b)
execute immediate $$
begin
  insert into x (k) select a from t;
  update x set k = k + 1 where k > 1;
end
$$
-- expected
-- columns: X/K, X/K
-- reads: T
-- writes: X
-- X/K <- T.A IDENTITY : a
-- X/K <- X.K TRANSFORMATION : k + 1
-- X/(all) <- X.K FILTER : k > 1
