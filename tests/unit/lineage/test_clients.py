"""Texts as client programs run them: their own commands, the rows of dumps, and what they put into a statement."""

from __future__ import annotations

import pytest

from penstock.lineage import column_lineage
from tests.unit.lineage.edges import said

_WITH_COMMANDS = (
    ("postgres", "copy t (a) from stdin;\n1\tit's (\n2\t\\N\n\\.\n\n\ninsert into u select b from v;", "u.b <- v.b"),
    ("postgres", "copy t (a) from stdin;\n\\.\ninsert into u select b from v;", "u.b <- v.b"),
    ("postgres", "\\copy t from 'f.csv' with csv header\ninsert into u select b from v;", "t.* <- f.csv.*"),
    ("postgres", "\\copy t from 'f.csv' with csv header\ninsert into u select b from v;", "u.b <- v.b"),
    ("postgres", "select max(b) as m from v \\gset\ninsert into u select b from v", "m <- v.b"),
    ("postgres", "\\set x 1\n\\connect d\ninsert into u select b from v where c = :x", "(rows) <- v.c"),
    ("mysql", "/*!40101 SET NAMES utf8 */;\n/*!50003 create view u as select b from v */;", "u.b <- v.b"),
    ("mysql", "/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`r`@`h` SQL SECURITY DEFINER */\n/*!50001 VIEW `u` AS select `v`.`b` AS `b` from `v` */;", "u.b <- v.b"),
    ("mysql", "/*M!100100 insert into u */ select b from v", "u.b <- v.b"),
    ("mysql", "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 TRIGGER `x` AFTER INSERT ON `v` FOR EACH ROW BEGIN\ninsert into u (b) values (new.b);\nEND */;;\nDELIMITER ;", "u.b <- v.b"),
    ("oracle", "SET DEFINE OFF\nSET SERVEROUTPUT ON SIZE 100\nPROMPT on it goes\n@@first.sql\nWHENEVER SQLERROR EXIT FAILURE\ninsert into u select b from v;\n", "U.B <- V.B"),
    ("oracle", "select a,\nrem\nfrom v;\nREM that was a column\n", "REM <- V.REM"),
    ("sqlite", ".mode csv\n.import f.csv v\ninsert into u select b from v;", "u.b <- v.b"),
    ("teradata", ".LOGON h/x,y;\ninsert into u select b from v;\n.IF ERRORCODE <> 0 THEN .QUIT 12", "u.b <- v.b"),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "edge"), _WITH_COMMANDS)
def test_what_is_said_to_the_client_hides_no_statement(dialect: str, sql: str, edge: str) -> None:
    assert edge in [said(one) for one in column_lineage(sql, dialect=dialect).edges]


_VALUES_FROM_OUTSIDE = (
    ("oracle", ":1"), ("postgres", ":1"), ("sqlite", "?1"), ("sqlite", "$x"), ("mysql", "%s"), ("trino", "%(x)s"), ("oracle", "&x"),
    ("oracle", "&&x"), ("trino", "${x}"), ("mysql", "${ns:x}"), ("postgres", "#{x}"), ("tsql", "$(x)"), ("snowflake", ":1"), ("spark", "${x}"),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "mark"), _VALUES_FROM_OUTSIDE)
def test_a_value_that_is_put_in_is_no_column(dialect: str, mark: str) -> None:
    found = column_lineage(f"select a from t where b = {mark} and c in ({mark}, 1)", dialect=dialect)
    assert [said(one).lower() for one in found.edges] == ["a <- t.a", "(rows) <- t.b", "(rows) <- t.c"]
    assert not found.findings


def test_a_name_that_is_put_in_stays_a_name() -> None:
    found = column_lineage("insert into ${cat}.${env}_mart.u select a from ${sch}.t_${day}", dialect="trino")
    assert [said(one) for one in found.edges] == ["$cat.$env_mart.u.a <- $sch.t_$day.a"]
    found = column_lineage("select a from [$(db)].dbo.t where b = $(x)", dialect="tsql")
    assert [said(one) for one in found.edges] == ["a <- $(db).dbo.t.a", "(rows) <- $(db).dbo.t.b"]


_NO_PLACEHOLDERS = (
    ("clickhouse", "select a ?1:2 as x from t", ["x <- t.a"]),
    ("postgres", "select a[1:2] as x, '%s :1 ${y}' as y from t", ["x <- t.a"]),
    ("duckdb", "select {'k': a, 'l' :1} as x from t", ["x <- t.a"]),
    ("mysql", "select a %s as x from t", ["x <- t.a", "x <- t.s"]),
)


@pytest.mark.parametrize(("dialect", "sql", "edges"), _NO_PLACEHOLDERS)
def test_what_only_looks_like_a_placeholder_is_read_as_it_is(
    dialect: str, sql: str, edges: list[str]
) -> None:
    assert [said(one) for one in column_lineage(sql, dialect=dialect).edges] == edges


_IN_A_STATEMENT = (
    ("oracle", "select id, a from t /* tree */\nconnect by prior id = up\nstart with b = 1;", ["ID <- T.ID", "A <- T.A", "(rows) <- T.ID", "(rows) <- T.UP", "(rows) <- T.B"]),
    ("oracle", "-- tree\nselect a from t\n-- of\nconnect by prior id = up;", ["A <- T.A", "(rows) <- T.ID", "(rows) <- T.UP"]),
    ("oracle", "update t /* x */\nset head = b, long = a;", ["T.HEAD <- T.B", "T.LONG <- T.A"]),
    ("oracle", "update t -- all;\nset lines = b;", ["T.LINES <- T.B"]),
    ("oracle", "update t set c = ';\nset echo off', d = q'[it's;\nset echo off]', e = b;", ["T.E <- T.B"]),
    ("oracle", "select a, /* ;\nset echo off\n*/ b from t;", ["A <- T.A", "B <- T.B"]),
    ("teradata", "select t\n.show, b from t;", ["show <- t.show", "b <- t.b"]),
    ("sqlite", "select a, t\n.mode, t /* ; */\n.read from t;", ["a <- t.a", "mode <- t.mode", "read <- t.read"]),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql", "edges"), _IN_A_STATEMENT)
def test_a_word_of_the_client_inside_a_statement_is_no_command(
    dialect: str, sql: str, edges: list[str]
) -> None:
    found = column_lineage(sql, dialect=dialect)
    assert sorted(said(one) for one in found.edges) == sorted(edges)


_AFTER = (
    ("oracle", "insert into u select a from t; -- done\nset feedback off\ninsert into v select b from t;"),
    ("oracle", "insert into u select a from t; /* done */\nprompt it's done\nset echo off\ninsert into v select b from t;"),
    ("oracle", "/* head\n*/\nset echo off\ninsert into u select a from t\n/\nspool off\ninsert into v select b from t;"),
    ("teradata", "/* head */\n.logon h/x;\ninsert into u select a from t; -- it's done\n.if errorcode <> 0 then .quit 1\ninsert into v select b from t;"),
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "sql"), _AFTER)
def test_a_command_behind_a_comment_hides_no_statement(dialect: str, sql: str) -> None:
    edges = [said(one).lower() for one in column_lineage(sql, dialect=dialect).edges]
    assert edges == ["u.a <- t.a", "v.b <- t.b"]
