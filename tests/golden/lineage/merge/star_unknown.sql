-- dialect: databricks
merge into x using s on x.k = s.k when matched then update set * when not matched then insert *
-- expected
-- columns: x/*
-- reads: s
-- writes: x
-- x/* <- s.* IDENTITY
-- x/(all) <- x.k JOIN : x.k = s.k
-- x/(all) <- s.k JOIN : x.k = s.k
