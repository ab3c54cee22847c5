-- dialect: trino
-- schema: ticks(sym, at, price)
select m.sym, m.bottom from ticks match_recognize (
  partition by sym order by at
  measures last(down.price) as bottom
  one row per match
  pattern (down+)
  define down as price < prev(price)
) as m
-- expected
-- columns: sym, bottom
-- reads: ticks
-- sym <- ticks.sym IDENTITY
-- bottom <- ticks.price AGGREGATION : last(down.price)
-- (all) <- ticks.sym WINDOW
-- (all) <- ticks.at WINDOW
-- (all) <- ticks.price FILTER : price < prev(price)
