-- dialect: postgres
-- schema: t(a, b)
-- why: n is a variable, not a column
do $$
declare n int;
begin
  insert into x (k, v) select a, n from t;
end
$$
-- expected
-- columns: x/k, x/v
-- reads: t
-- writes: x
-- x/k <- t.a IDENTITY
