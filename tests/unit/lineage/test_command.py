"""`penstock lineage --sql`: a statement outside any project, as people and as machines read it; errors of one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from penstock.cli.lineage import lineage
from penstock.errors import UsageError
from penstock.lineage import LineageError

DIALECTS = (
    "duckdb", "snowflake", "databricks", "spark", "bigquery", "redshift", "postgres", "trino", "athena", "tsql",
    "mysql", "clickhouse", "oracle", "sqlite", "hive", "presto", "teradata",
)  # fmt: skip
BROKEN = (
    "select a from t where (b = 1",
    "select a from",
    "select a from t group by",
    "select 'abc from t",
    "insert into t values (1,",
    "with x as (select 1",
    "selec a from t",
    "select {{ x }} from t",
)


def test_what_people_read() -> None:
    sql = "insert into d.t select md5(email) as h, count(id) as n from raw.users where ok group by 1"
    done = CliRunner().invoke(lineage, ["--sql", "-", "--dialect", "redshift"], input=sql)
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[:2] == ["read: raw.users", "written: d.t"]
    assert "  raw.users.email  TRANSFORMATION (masked)  md5(email)" in lines
    assert "  raw.users.ok  FILTER" in done.output


def test_what_machines_read(tmp_path: Path) -> None:
    statement = tmp_path / "q.sql"
    statement.write_text("select o.amount / 100 as price from orders as o")
    schema = tmp_path / "schema.yml"
    schema.write_text("orders: {id: int, amount: numeric}")
    options = ["--sql", str(statement), "--dialect", "duckdb", "--schema", str(schema), "--json"]
    document = json.loads(CliRunner().invoke(lineage, options).output)
    assert document["edges"][0]["relation"] == ["orders"]
    assert document["edges"][0]["expression"] == "o.amount / 100"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("sql", BROKEN)
def test_broken_sql_is_told_in_one_line(sql: str, dialect: str) -> None:
    done = CliRunner().invoke(lineage, ["--sql", "-", "--dialect", dialect], input=sql)
    error = done.exception
    assert isinstance(error, LineageError)
    assert error.what.startswith(f"{dialect}: ")
    assert "\n" not in error.what
    assert error.line == 1
    assert error.column is not None
    assert error.column > 0
    assert error.text in sql


def followed(sql: str, *options: str) -> Result:
    return CliRunner().invoke(lineage, ["--sql", "-", "--dialect", "postgres", *options], input=sql)


def test_direct_leaves_out_what_filters() -> None:
    sql = "select a from t where b = 1"
    assert "FILTER" in followed(sql).output
    assert "FILTER" not in followed(sql, "--direct").output


@pytest.mark.parametrize(("option", "told"), [("--mermaid", "flowchart LR"), ("--dot", "digraph lineage")])
def test_a_statement_can_be_drawn(option: str, told: str) -> None:
    done = followed("insert into d.sums select sum(a) as total from s.lines", option)
    assert done.exit_code == 0
    assert told in done.output
    assert "d.sums.total" in done.output
    assert "s.lines.a" in done.output
    assert "AGGREGATION" in done.output


def test_a_statement_can_be_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert followed("select a as b from t", "--html", str(page)).exit_code == 0
    assert "result" in page.read_text()


@pytest.mark.parametrize(
    "options",
    [["--check"], ["--depth", "2"], ["-u"], ["-d"], ["--refresh"], ["--vars", "{}"], ["-t", "x"], ["-e", "x"], ["orders"]],
)  # fmt: skip
def test_what_says_nothing_of_a_statement_is_refused(options: list[str]) -> None:
    error = followed("select a from t", *options).exception
    assert isinstance(error, UsageError)
    assert options[0].lstrip("-")[0] in error.what


@pytest.mark.parametrize("option", ["--dialect", "--schema"])
def test_options_of_a_statement_need_one(option: str) -> None:
    assert isinstance(CliRunner().invoke(lineage, ["orders", option, "x"]).exception, UsageError)


@pytest.mark.parametrize(
    "broken", ["select b from where", "selec b from u", "create table x as select b from where"]
)
def test_a_script_with_a_broken_statement_fails_and_tells_the_rest(broken: str) -> None:
    done = followed(f"select a from t; {broken}; select c from v")
    assert done.exit_code == 1
    assert "t.a" in done.output
    assert "v.c" in done.output
    assert "line 1" in done.output


def test_a_byte_order_mark_says_nothing(tmp_path: Path) -> None:
    statement = tmp_path / "q.sql"
    statement.write_bytes(b"\xef\xbb\xbfselect a from t")
    done = CliRunner().invoke(lineage, ["--sql", str(statement), "--dialect", "bigquery"])
    assert done.output.splitlines()[1:] == ["a", "  t.a  IDENTITY  a"]
    assert followed("\ufeffselect a from t").output == done.output
