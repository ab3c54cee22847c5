-- dialect: postgres
-- schema: t(a, b, c)
select case a when 'x' then b when c then 0 end as v from t
-- expected
-- columns: v
-- reads: t
-- v <- t.a CONDITIONAL : case a when 'x' then b when c then 0 end
-- v <- t.b TRANSFORMATION : case a when 'x' then b when c then 0 end
-- v <- t.c CONDITIONAL : case a when 'x' then b when c then 0 end
