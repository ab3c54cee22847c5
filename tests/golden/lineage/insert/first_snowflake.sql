-- dialect: snowflake
-- schema: src(n1, n2, n3)
-- why: A later WHEN is asked only where none before it held
insert first
when n1 > 100 then into t1 (a) values (n3)
when n2 > 10 then into t2 (a) values (n3)
else into t3 (a) values (n3)
select n1, n2, n3 from src
-- expected
-- columns: T1/A, T2/A, T3/A
-- reads: SRC
-- writes: T1
-- writes: T2
-- writes: T3
-- T1/A <- SRC.N3 IDENTITY : n3
-- T1/(all) <- SRC.N1 FILTER : n1 > 100
-- T2/A <- SRC.N3 IDENTITY : n3
-- T2/(all) <- SRC.N1 FILTER : n1 > 100
-- T2/(all) <- SRC.N2 FILTER : n2 > 10
-- T3/A <- SRC.N3 IDENTITY : n3
-- T3/(all) <- SRC.N1 FILTER : n1 > 100
-- T3/(all) <- SRC.N2 FILTER : n2 > 10
