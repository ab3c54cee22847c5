-- dialect: postgres
with v (k, label) as (values (1, 'one'), (2, 'two')) select label from v
-- expected
-- columns: label
