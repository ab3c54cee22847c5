"""A table whose columns have other types than the load: what becomes of them, and which keys cannot be compared any more."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from penstock.errors import ToolError
from penstock.integration import WriteMode
from tests.unit.penstock_duckdb.loading import OF_ONE_SPELLING, SPELLED_OTHERWISE, line
from tests.unit.penstock_postgres.loading import PostgresLoading as Loading

pytestmark = pytest.mark.slow


def test_a_replaced_table_takes_any_other_type(loading: Loading) -> None:
    values = {"integer": 5, "number": 1.5, "boolean": True, "date": "2026-01-01", "json": {"a": 1}}
    for before, after in itertools.permutations(values, 2):
        loading.load([line({"v": values[before]})], loading.table({"v": before}))
        loading.load([line({"v": values[after]})], loading.table({"v": after}))
        assert loading.ask("SELECT count(v) FROM raw.t") == [(1,)], (before, after)
        loading.ask("DROP TABLE raw.t")


def test_a_view_in_the_way_of_a_wider_column_is_named(loading: Loading) -> None:
    loading.load([line({"v": 1})], loading.table({"v": "integer"}))
    loading.ask("CREATE VIEW seen AS SELECT v FROM raw.t")
    with pytest.raises(ToolError, match=r"column v must become character varying, and a view uses it .*seen"):
        loading.load([line({"v": "x"})], loading.table({"v": "string"}))
    assert loading.ask("SELECT v FROM raw.t") == [(1,)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("integer", "number", "numeric"),
        ("number", "integer", "numeric"),
        ("date", "timestamp_tz", "timestamp with time zone"),
        ("timestamp", "date", "timestamp without time zone"),
        ("string", "integer", "character varying"),
        ("integer", "string", "character varying"),
        ("boolean", "integer", "character varying"),
        ("json", "string", "character varying"),
        ("string", "json", "character varying"),
    ],
)
def test_a_changed_type_is_widened_so_that_nothing_is_lost(
    before: str, after: str, expected: str, loading: Loading
) -> None:
    values = {
        "integer": 5,
        "number": 1.5,
        "date": "2026-01-01",
        "timestamp": "2026-01-01T01:00:00",
        "timestamp_tz": "2026-01-01T01:00:00Z",
        "string": "s",
        "boolean": True,
        "json": {"a": 1},
    }
    loading.load([line({"v": values[before]})], loading.table({"v": before}, WriteMode.APPEND))
    (done,) = loading.load([line({"v": values[after]})], loading.table({"v": after}, WriteMode.APPEND))
    assert loading.ask("SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attname = 'v'") == [
        (expected,)
    ]
    assert loading.ask("SELECT count(v) FROM raw.t") == [(2,)]
    assert done.rows_total == 2


@SPELLED_OTHERWISE
def test_a_key_that_would_be_spelled_otherwise_is_refused(
    before: str, now: str, value: Any, loading: Loading
) -> None:
    """The same key came as another text, and its row stayed twice."""
    rows = [line({"id": value})]
    loading.load(rows, loading.table({"id": before}, WriteMode.MERGE, primary_key=("id",)))
    with pytest.raises(ToolError, match="rows could not be told to be of one key"):
        loading.load(rows, loading.table({"id": now}, WriteMode.MERGE, primary_key=("id",)))
    loading.load(rows, loading.table({"id": now}, primary_key=("id",)))
    loading.load(rows, loading.table({"id": now}, WriteMode.MERGE, primary_key=("id",)))


@OF_ONE_SPELLING
def test_a_key_of_one_spelling_goes_on(before: str, now: str, loading: Loading) -> None:
    for kind in (before, now):
        rows = [line({"id": "7" if kind == "string" else 7})]
        loading.load(rows, loading.table({"id": kind}, WriteMode.MERGE, primary_key=("id",)))
    assert loading.ask("SELECT count(*) FROM raw.t") == [(1,)]
