-- dialect: snowflake
select filter(items, i -> i:price > low) as r, transform(items, i -> i:a.b::int * factor) as s from t
-- expected
-- columns: R, S
-- reads: T
-- R <- T.ITEMS TRANSFORMATION : filter(items, i -> i:price > low)
-- R <- T.LOW TRANSFORMATION : filter(items, i -> i:price > low)
-- S <- T.ITEMS TRANSFORMATION : transform(items, i -> i:a.b::int * factor)
-- S <- T.FACTOR TRANSFORMATION : transform(items, i -> i:a.b::int * factor)
