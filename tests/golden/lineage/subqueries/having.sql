-- dialect: postgres
-- schema: t(id, a, b), u(id, x, y)
select id from t group by id having sum(a) > (select avg(x) from u)
-- expected
-- columns: id
-- reads: t, u
-- id <- t.id IDENTITY
-- (all) <- t.a FILTER : sum(a) > (select avg(x) from u)
-- (all) <- u.x FILTER : sum(a) > (select avg(x) from u)
-- (all) <- t.id GROUP_BY
