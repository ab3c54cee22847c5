-- dialect: presto
select a frm t where a
-- expected
-- error: presto: Invalid expression / Unexpected token at line 1, column 14 near 't'
