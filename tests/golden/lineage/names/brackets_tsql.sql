-- dialect: tsql
-- schema: [dbo].[order lines](id, qty)
select [qty] * 2 as [double qty] from [dbo].[order lines]
-- expected
-- columns: double qty
-- reads: dbo.order lines
-- double qty <- dbo.order lines.qty TRANSFORMATION : [qty] * 2
