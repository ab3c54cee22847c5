"""`penstock lineage --sql`: a statement outside any project, as people and as machines read it; errors of one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from penstock.cli.lineage import lineage
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
