-- dialect: sqlite
select 'unclosed from t
-- expected
-- error: sqlite: not closed, from line 1, column 8: ''unclosed from t'
