-- dialect: duckdb
-- schema: edges(src, dst)
with recursive reach(a, b) as (
  select src, dst from edges
  union
  select r.a, e.dst from reach r join edges e on r.b = e.src
)
select a, b from reach
-- expected
-- columns: a, b
-- reads: edges
-- a <- edges.src IDENTITY
-- b <- edges.dst IDENTITY
-- (all) <- edges.src GROUP_BY
-- (all) <- edges.dst GROUP_BY
-- (all) <- edges.dst JOIN : r.b = e.src
-- (all) <- edges.src JOIN : r.b = e.src
