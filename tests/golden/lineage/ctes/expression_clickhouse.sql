-- dialect: clickhouse
-- schema: t(a, b)
with a + b as s select s * 2 as twice from t
-- expected
-- columns: twice
-- reads: t
-- twice <- t.a TRANSFORMATION : s * 2
-- twice <- t.b TRANSFORMATION : s * 2
