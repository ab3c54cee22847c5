-- dialect: snowflake
-- schema: t(a), v(b), z(c)
-- why: LET, IF and a bound variable
begin
  let y := (select max(a) from t);
  if (exists (select 1 from z)) then
    insert into u (y, b) select :y, b from v;
  end if;
end;
-- expected
-- columns: U/Y, U/B
-- reads: T, V, Z
-- writes: U
-- U/Y <- T.A AGGREGATION : max(a)
-- U/B <- V.B IDENTITY : b
