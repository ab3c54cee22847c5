-- dialect: redshift
-- why: What follows the parenthesis is not left out in silence
select a) from t
-- expected
-- error: redshift: Invalid expression / Unexpected token at line 1, column 9 near ')'
