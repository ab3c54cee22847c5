-- dialect: databricks
-- why: The files are what is read
create or refresh streaming table st as select a from stream read_files('/in', format => 'json')
-- expected
-- columns: st/a
-- reads: /in
-- writes: st
-- st/a <- /in.a IDENTITY
