-- dialect: oracle
-- schema: hr.employees(id, salary)
select id as emp, "salary" from hr.employees
-- expected
-- columns: EMP, salary
-- reads: HR.EMPLOYEES
-- EMP <- HR.EMPLOYEES.ID IDENTITY : id
-- salary <- HR.EMPLOYEES.SALARY IDENTITY : "salary"
