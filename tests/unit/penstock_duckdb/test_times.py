"""Of two rows of one key the newer stays, also where one of them does not say when it was emitted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.integration import TableLoad, WriteMode
from tests.unit.penstock_duckdb.loading import NOON, Loading

# What is loaded, as (key, value, milliseconds after noon; None: no time), and what stays.
Row = tuple[int, str, float | None]
CASES: list[tuple[list[Row], list[tuple[int, str]]]] = [
    ([(1, "first", None), (1, "second", 0)], [(1, "second")]),
    ([(1, "first", 0), (1, "second", None)], [(1, "second")]),
    ([(1, "first", None), (1, "second", None)], [(1, "second")]),
    ([(1, "newer", 2), (1, "older", 1), (2, "alone", None)], [(1, "newer"), (2, "alone")]),
    ([(2, "old", 1), (1, "first", None), (1, "second", 2)], [(1, "second"), (2, "old")]),
    ([(2, "new", 5), (1, "first", 1), (1, "second", None), (1, "third", 2)], [(1, "third"), (2, "new")]),
    ([(1, "first", float("1e300")), (1, "second", 0)], [(1, "second")]),
]


def written(rows: list[Row]) -> list[str]:
    return [
        json.dumps(
            {
                "type": "RECORD",
                "record": {
                    "stream": "t",
                    "data": {"id": key, "v": value},
                    "emitted_at": None if at is None else NOON + at,
                },
            }
        )
        for key, value, at in rows
    ]


def merging(loading: Loading) -> TableLoad:
    return loading.table({"id": "integer", "v": "string"}, WriteMode.MERGE, primary_key=("id",))


def check_against_what_is_there(loading: Loading) -> None:
    loading.load(written([(1, "kept", 5), (2, "kept", 5), (3, "kept", 5)]), merging(loading))
    # Its neighbour tells that it is newer, and that it is older; without one it is of its load.
    loading.load(written([(9, "other", 7), (1, "newer", None)]), merging(loading))
    loading.load(written([(9, "other", 2), (2, "older", None)]), merging(loading))
    loading.load(written([(3, "newer", None)]), merging(loading))
    assert loading.ask("SELECT id, v FROM raw.t WHERE id < 9 ORDER BY id") == [
        (1, "newer"),
        (2, "kept"),
        (3, "newer"),
    ]
    assert loading.ask("SELECT count(*) FROM raw.t WHERE _airbyte_extracted_at IS NULL") == [(0,)]


@pytest.mark.parametrize(("rows", "kept"), CASES)
def test_the_newer_of_two_rows_stays(rows: list[Row], kept: list[tuple[int, str]], tmp_path: Path) -> None:
    loading = Loading(tmp_path)
    loading.load(written(rows), merging(loading))
    assert loading.ask("SELECT id, v FROM raw.t ORDER BY id") == kept


def test_a_row_without_a_time_against_those_that_are_there(tmp_path: Path) -> None:
    check_against_what_is_there(Loading(tmp_path))


def test_where_rows_are_only_added_each_has_a_time(tmp_path: Path) -> None:
    loading = Loading(tmp_path)
    loading.load(written([(1, "a", None), (2, "b", 0)]), loading.table({"id": "integer", "v": "string"}))
    assert loading.ask("SELECT id FROM raw.t WHERE _airbyte_extracted_at IS NOT NULL ORDER BY id") == [
        (1,),
        (2,),
    ]
