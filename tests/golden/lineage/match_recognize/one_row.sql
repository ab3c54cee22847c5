-- dialect: snowflake
-- schema: ticks(sym, at, price)
select * from ticks match_recognize (
  partition by sym order by at
  measures first(price) as open_price, last(up.price) as top
  one row per match
  pattern (strt up+)
  define up as price > lag(price)
)
-- expected
-- columns: SYM, OPEN_PRICE, TOP
-- reads: TICKS
-- SYM <- TICKS.SYM IDENTITY : sym
-- OPEN_PRICE <- TICKS.PRICE AGGREGATION : first(price)
-- TOP <- TICKS.PRICE AGGREGATION : last(up.price)
-- (all) <- TICKS.SYM WINDOW : sym
-- (all) <- TICKS.AT WINDOW : at
-- (all) <- TICKS.PRICE FILTER : price > lag(price)
