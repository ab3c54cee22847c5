-- dialect: redshift
-- schema: t(a, b, c)
select first_value(a ignore nulls) over (partition by b order by c rows unbounded preceding) as f from t
-- expected
-- columns: f
-- reads: t
-- f <- t.a TRANSFORMATION : first_value(a ignore nulls) over (partition by b order by c rows unbounded preceding)
-- f <- t.b WINDOW : first_value(a ignore nulls) over (partition by b order by c rows unbounded preceding)
-- f <- t.c WINDOW : first_value(a ignore nulls) over (partition by b order by c rows unbounded preceding)
