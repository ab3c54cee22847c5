-- dialect: snowflake
-- schema: t(a, b)
create or replace procedure refresh() returns string language sql as
$$
begin
  create or replace temporary table s as select a, b from t;
  merge into x using s on x.k = s.a when matched then update set v = s.b;
  return 'done';
end
$$
-- expected
-- columns: S/A, S/B, X/V
-- reads: T
-- writes: S (temporary)
-- writes: X
-- S/A <- T.A IDENTITY : a
-- S/B <- T.B IDENTITY : b
-- X/V <- T.B IDENTITY : b
-- X/(all) <- X.K JOIN : x.k = s.a
-- X/(all) <- T.A JOIN : x.k = s.a
