-- dialect: teradata
sel a from t qualify qualify
-- expected
-- error: teradata: QUALIFY is incomplete at line 1, column 22 near 'qualify'
