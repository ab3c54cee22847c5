-- dialect: postgres
-- schema: shop.sales(region, pattern, mark)
-- why: the letter that escapes may be a column
select region like pattern escape mark as fits from shop.sales
-- expected
-- columns: fits
-- reads: shop.sales
-- fits <- shop.sales.region TRANSFORMATION : region like pattern escape mark
-- fits <- shop.sales.pattern TRANSFORMATION : region like pattern escape mark
-- fits <- shop.sales.mark TRANSFORMATION : region like pattern escape mark
