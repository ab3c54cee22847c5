-- dialect: oracle
-- schema: ticks(sym, at, price)
-- why: all columns of the source are there as well
select price, n from ticks match_recognize (
  partition by sym order by at
  measures match_number() as n
  all rows per match
  pattern (a b+)
  define b as price > prev(price)
)
-- expected
-- columns: PRICE, N
-- reads: TICKS
-- PRICE <- TICKS.PRICE IDENTITY : price
-- (all) <- TICKS.SYM WINDOW : sym
-- (all) <- TICKS.AT WINDOW : at
-- (all) <- TICKS.PRICE FILTER : price > prev(price)
