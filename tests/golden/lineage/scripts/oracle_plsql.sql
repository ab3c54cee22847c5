-- dialect: oracle
-- schema: t(a, b)
begin
  insert into x (k) select a from t;
  update x set k = 0 where k is null;
  commit;
end;
-- expected
-- columns: X/K, X/K
-- reads: T
-- writes: X
-- X/K <- T.A IDENTITY : a
-- X/(all) <- X.K FILTER : k is null
