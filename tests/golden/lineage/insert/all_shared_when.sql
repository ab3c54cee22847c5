-- dialect: snowflake
-- schema: src(n1, n2)
-- why: An INTO without a WHEN of its own shares the one before
insert all
when n1 > 100 then into t1 (a) values (n1)
when n2 > 10 then into t2 (a) values (n1) into t3 (a) values (n1)
else into t4 (a) values (n1)
select n1, n2 from src
-- expected
-- columns: T1/A, T2/A, T3/A, T4/A
-- reads: SRC
-- writes: T1
-- writes: T2
-- writes: T3
-- writes: T4
-- T1/A <- SRC.N1 IDENTITY : n1
-- T1/(all) <- SRC.N1 FILTER : n1 > 100
-- T2/A <- SRC.N1 IDENTITY : n1
-- T2/(all) <- SRC.N2 FILTER : n2 > 10
-- T3/A <- SRC.N1 IDENTITY : n1
-- T3/(all) <- SRC.N2 FILTER : n2 > 10
-- T4/A <- SRC.N1 IDENTITY : n1
-- T4/(all) <- SRC.N1 FILTER : n1 > 100
-- T4/(all) <- SRC.N2 FILTER : n2 > 10
