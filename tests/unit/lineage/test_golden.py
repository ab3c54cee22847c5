"""Every golden file says what lineage says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.lineage.golden import GOLDEN, Case

FILES = sorted(GOLDEN.rglob("*.sql"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GOLDEN)))
def test_golden(path: Path, update_golden: bool) -> None:
    case = Case(path)
    if update_golden:
        case.write()
        return
    if not case.readable:
        pytest.skip("this version of sqlglot does not read the statement")
    assert case.expected is not None, f"{path.name} has no expected part; --update-golden writes it"
    assert case.found() == case.expected


def test_there_are_enough() -> None:
    assert len(FILES) >= 300


def test_every_dialect_is_there() -> None:
    dialects = {Case(path).facts["dialect"] for path in FILES}
    assert dialects >= {
        "duckdb", "snowflake", "databricks", "spark", "bigquery", "redshift", "postgres", "trino", "athena", "tsql",
        "mysql", "clickhouse", "oracle", "sqlite", "hive", "presto", "teradata",
    }  # fmt: skip
