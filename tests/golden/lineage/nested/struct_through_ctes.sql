-- dialect: duckdb
-- schema: t(a, b)
with s as (select {'x': a, 'y': {'z': b}} as st from t), r as (select st.y as inner_st from s)
select inner_st.z as z from r
-- expected
-- columns: z
-- reads: t
-- z <- t.b IDENTITY
