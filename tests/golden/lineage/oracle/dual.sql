-- dialect: oracle
select sysdate as now from dual
-- expected
-- columns: NOW
