-- dialect: snowflake
-- why: the columns beside the named ones are not known
select * from raw.sales pivot (sum(amount) for quarter in ('Q1')) as p
-- expected
-- columns: *, 'Q1'
-- reads: RAW.SALES
-- 'Q1' <- RAW.SALES.AMOUNT AGGREGATION : raw.sales pivot (sum(amount) for quarter in ('Q1')) as p
-- 'Q1' <- RAW.SALES.QUARTER CONDITIONAL : raw.sales pivot (sum(amount) for quarter in ('Q1')) as p
-- * <- RAW.SALES.* IDENTITY
-- (all) <- RAW.SALES.* GROUP_BY : raw.sales pivot (sum(amount) for quarter in ('Q1')) as p
