-- dialect: oracle
-- schema: src(id, nm, st), t(id, nm)
-- why: A package's procedure with a cursor, a loop and an exception
create or replace package body pk as
  procedure p is
    cursor c is select id, nm from src where st = 'x';
  begin
    for r in c loop
      update t set nm = r.nm where id = r.id;
    end loop;
  exception when others then
    insert into err (m) select sqlerrm from dual;
  end p;
end pk;
-- expected
-- columns: T/NM, ERR/M
-- reads: SRC
-- writes: ERR
-- writes: T
-- T/NM <- SRC.NM IDENTITY : nm
-- T/(all) <- T.ID FILTER : id = r.id
-- T/(all) <- SRC.ID FILTER : id = r.id
-- finding: 3:24 no-data: SRC.ST: read for a condition or a variable, and no data goes on from there
