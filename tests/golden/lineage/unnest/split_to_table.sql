-- dialect: snowflake
-- schema: t(id, s)
select t.id, x.value from t, lateral split_to_table(t.s, ',') x
-- expected
-- columns: ID, VALUE
-- reads: T
-- ID <- T.ID IDENTITY : t.id
-- VALUE <- T.S TRANSFORMATION : split_to_table(t.s, ',') x
-- (all) <- T.S JOIN : split_to_table(t.s, ',') x
