"""Rows from lines of JSON into typed tables: what fits, what does not, what happens to tables that exist."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from penstock.errors import ToolError
from penstock.integration import Load, StagedLoad, TableLoad, WriteMode
from tests.unit.penstock_duckdb.loading import Loading, line


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    return Loading(tmp_path)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", "a\nb\u00e9\u0000", "a\nb\u00e9\u0000"),
        ("string", {"a": [1]}, '{"a":[1]}'),
        ("string", 5, "5"),
        ("string", "null", "null"),
        ("boolean", True, "true"),
        ("boolean", "false", "false"),
        ("integer", 9007199254740993, "9007199254740993"),
        ("integer", "12", "12"),
        ("integer", 3.0, "3"),
        ("integer", 1e3, "1000"),
        ("number", 0.1, "0.1"),
        ("number", 1e-10, "1e-10"),
        ("number", 1e30, "1e+30"),
        ("date", "2026-02-28", "2026-02-28"),
        ("timestamp_tz", "2026-01-01T02:00:00-07:00", "2026-01-01 09:00:00+00"),
        ("timestamp_tz", "2026-01-01T02:00:00", "2026-01-01 02:00:00+00"),
        ("timestamp_tz", "2026-01-01T02:00:00.123456Z", "2026-01-01 02:00:00.123456+00"),
        ("timestamp", "2026-01-01T02:00:00", "2026-01-01 02:00:00"),
        ("time", "10:20:30.5", "10:20:30.5"),
        ("time_tz", "10:20:30Z", "10:20:30+00"),
        ("json", {"b": [1, None]}, '{"b":[1,null]}'),
        ("json", "text", '"text"'),
    ],
)
def test_a_value_that_fits_is_kept(kind: str, value: Any, expected: str, loading: Loading) -> None:
    loading.load([line({"v": value})], loading.table({"v": kind}))
    assert loading.ask("SELECT CAST(v AS VARCHAR), _airbyte_meta->>'$.changes' FROM shop.raw.t") == [
        (expected, "[]")
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("boolean", "maybe"),
        ("boolean", 1),
        ("integer", 1.5),
        ("integer", "1.5"),
        ("integer", "15e-1"),
        ("integer", "many"),
        ("integer", 10**20),
        ("number", "much"),
        ("date", "2026-02-30"),
        ("timestamp_tz", "2026-13-01T00:00:00Z"),
        ("timestamp_tz", 1_767_268_800),
        ("timestamp", "soon"),
        ("time", "25:00:00"),
    ],
)
def test_a_value_that_does_not_fit_is_null_and_named(kind: str, value: Any, loading: Loading) -> None:
    table = loading.table({"ok": "integer", "v": kind}, sync_id=7)
    (done,) = loading.load([line({"ok": 1, "v": value}), line({"ok": 2})], table)
    assert (done.rows_read, done.rows_changed) == (2, 1)
    ((ok, found, meta),) = loading.ask("SELECT ok, v, _airbyte_meta FROM shop.raw.t WHERE ok = 1")
    assert (ok, found) == (1, None)
    assert json.loads(meta) == {
        "changes": [{"field": "v", "change": "NULLED", "reason": "DESTINATION_SERIALIZATION_ERROR"}],
        "sync_id": 7,
    }


@pytest.mark.parametrize("tables", [1, 6])
def test_what_is_no_row_of_the_table_is_left_out(tables: int, loading: Loading) -> None:
    """One table reads the file itself, six share its lines: both find the same."""
    lines = [
        line({"v": 1}),
        line({"v": 2}, stream="u"),
        '{"type":"LOG","log":{"message":"RECORD"}}',
        "",
        line({"v": None}),
        line({}),
    ]
    names = ["t", "u", "w1", "w2", "w3", "w4"][:tables]
    done = loading.load(lines, *(loading.table({"v": "integer"}, name=name) for name in names))
    assert [table.rows_read for table in done] == [3, 1, 0, 0, 0, 0][:tables]
    assert loading.ask("SELECT v FROM shop.raw.t ORDER BY v") == [(1,), (None,), (None,)]


@pytest.mark.parametrize("tables", [1, 6])
@pytest.mark.parametrize(
    "wrong",
    [
        "not json",
        '{"type":"RECORD","record":"nonsense"}',
        '{"type":"RECORD","record":{"stream":"t","data":{"v":3',
        '{"type":"RECORD","record":{"stream":"t","data":{"v":3,"v":4},"emitted_at":1}}',
    ],
)
def test_a_line_that_cannot_be_read_fails_the_load(wrong: str, tables: int, loading: Loading) -> None:
    names = ["t", "u", "w1", "w2", "w3", "w4"][:tables]
    with pytest.raises(ToolError, match="the rows cannot be read"):
        loading.load([line({"v": 1}), wrong], *(loading.table({"v": "integer"}, name=name) for name in names))
    assert not (loading.root / "shop.duckdb").exists()


def test_fields_that_differ_only_in_case_are_two(loading: Loading) -> None:
    table = loading.table(
        {"id": "integer", "ID": "string", "Doc": "json", "doc": "json"}, as_ID="id_1", as_doc="doc_1"
    )
    loading.load([line({"id": 1, "ID": "x", "Doc": None, "doc": {"a": 1}})], table)
    assert loading.ask("SELECT id, id_1, doc, doc_1 FROM shop.raw.t") == [(1, "x", None, '{"a":1}')]


def test_a_field_that_is_named_by_the_empty_text_is_not_taken_from_its_columns_name(loading: Loading) -> None:
    table = loading.table({"": "json", "_": "string", "id": "integer"}, as_="_", as__="__1")
    loading.load([line({"": {"a": 1}, "_": "x", "id": 1})], table)
    assert loading.ask("SELECT _, __1, id FROM shop.raw.t") == [('{"a":1}', "x", 1)]


def test_names_with_quotes_and_dots_and_a_schema_called_like_the_file(loading: Loading) -> None:
    fields = {"a'b": "integer", 'a"b': "integer", "a.b": "integer", "select": "integer"}
    loading.load([line({name: place for place, name in enumerate(fields)})], loading.table(fields))
    assert loading.ask(
        "SELECT COLUMNS(* EXCLUDE (_airbyte_raw_id, _airbyte_extracted_at, _airbyte_meta,"
        " _airbyte_generation_id)) FROM shop.raw.t"
    ) == [(0, 1, 2, 3)]


def test_a_row_larger_than_the_readers_buffer(loading: Loading) -> None:
    loading.load([line({"v": "x" * (17 << 20)}), line({"v": "y"})], loading.table({"v": "string"}))
    assert loading.ask("SELECT length(v) FROM shop.raw.t ORDER BY 1") == [(1,), (17 << 20,)]


def test_the_time_of_extraction_and_the_ids(loading: Loading) -> None:
    loading.load([line({"v": 1}), line({"v": 2}, at=1_767_268_800_123)], loading.table({"v": "integer"}))
    rows = loading.ask(
        "SELECT CAST(_airbyte_extracted_at AS VARCHAR), _airbyte_raw_id FROM shop.raw.t ORDER BY v"
    )
    assert [row[0] for row in rows] == ["2026-01-01 12:00:00+00", "2026-01-01 12:00:00.123+00"]
    assert len({row[1] for row in rows}) == 2


def test_only_lines_up_to_the_given_byte_count(loading: Loading) -> None:
    lines = [line({"v": number}) for number in range(10)]
    until = len("".join(text + "\n" for text in lines[:4]).encode())
    short, whole = loading.table({"v": "integer"}, until=until), loading.table({"v": "integer"}, name="t")
    loading.load(lines, short)
    assert loading.ask("SELECT count(*) FROM shop.raw.t") == [(4,)]
    loading.load(lines, whole)
    assert loading.ask("SELECT count(*) FROM shop.raw.t") == [(10,)]


def test_a_token_is_applied_once(loading: Loading) -> None:
    table = loading.table({"v": "integer"}, WriteMode.APPEND)
    first = loading.load([line({"v": 1})], table, token="a", state={"k": "1"})
    again = loading.load([line({"v": 2})], table, token="a", state={"k": "2"})
    assert again == first
    assert loading.ask("SELECT v FROM shop.raw.t") == [(1,)]
    assert loading.destination.state("test") == {"k": "1"}
    assert loading.destination.committed("test", "a") == first
    assert not loading.destination.committed("test", "b")


def test_what_exists_is_told_and_whether_it_has_rows(loading: Loading) -> None:
    places = [loading.destination.relation("raw", name) for name in ("t", "other", "absent")]
    assert loading.destination.holding(places) == {}
    loading.load(
        [line({"v": 1})], loading.table({"v": "integer"}), loading.table({"v": "integer"}, name="other")
    )
    assert loading.destination.holding(places) == {places[0]: True, places[1]: False}


def test_state_is_one_loaders_own_and_replaced_whole(loading: Loading) -> None:
    table = loading.table({"v": "integer"})
    loading.load([line({"v": 1})], table, state={"a": "1", "b": "2"})
    loading.load([line({"v": 1})], table, state={"b": "3"})
    assert loading.destination.state("test") == {"b": "3"}
    assert loading.destination.state("other") == {}


def test_a_load_goes_on_from_the_state_that_is_there(loading: Loading) -> None:
    table = loading.table({"v": "integer"}, WriteMode.APPEND)
    loading.load([line({"v": 1})], table, state={"k": "1"}, expected={})
    loading.load([line({"v": 2})], table, state={"k": "2"}, expected={"k": "1"})
    with pytest.raises(ToolError, match="by somebody else"):
        loading.load([line({"v": 3})], table, state={"k": "3"}, expected={"k": "1"})
    assert loading.ask("SELECT v FROM shop.raw.t ORDER BY v") == [(1,), (2,)]
    assert loading.destination.state("test") == {"k": "2"}


def test_a_load_that_fails_midway_changes_nothing(loading: Loading) -> None:
    good = loading.table({"v": "integer"}, name="t")
    loading.load([line({"v": 1})], good, state={"k": "1"})
    with duckdb.connect(str(loading.root / "shop.duckdb")) as connection:
        connection.execute("CREATE VIEW shop.raw.u AS SELECT 1 AS v")
    bad = loading.table({"v": "integer"}, WriteMode.APPEND, name="u")
    with pytest.raises(ToolError, match=r"shop\.duckdb refused the load"):
        loading.load([line({"v": 2}), line({"v": 2}, stream="u")], good, bad, state={"k": "2"})
    assert loading.ask("SELECT v FROM shop.raw.t") == [(1,)]
    assert loading.destination.state("test") == {"k": "1"}


def test_a_replaced_table_keeps_the_views_on_it(loading: Loading) -> None:
    loading.load([line({"v": 1})], loading.table({"v": "integer"}))
    with duckdb.connect(str(loading.root / "shop.duckdb")) as connection:
        connection.execute("CREATE VIEW shop.main.seen AS SELECT v FROM shop.raw.t")
    loading.load([line({"v": 2, "w": "x"})], loading.table({"v": "integer", "w": "string"}))
    assert loading.ask("SELECT v FROM shop.main.seen") == [(2,)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("integer", "number", "DOUBLE"),
        ("number", "integer", "DOUBLE"),
        ("date", "timestamp_tz", "TIMESTAMP WITH TIME ZONE"),
        ("timestamp", "date", "TIMESTAMP"),
        ("string", "integer", "VARCHAR"),
        ("integer", "string", "VARCHAR"),
        ("boolean", "integer", "VARCHAR"),
        ("json", "string", "VARCHAR"),
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
    assert loading.ask("SELECT data_type FROM duckdb_columns() WHERE column_name = 'v'") == [(expected,)]
    assert loading.ask("SELECT count(v) FROM shop.raw.t") == [(2,)]
    assert done.rows_total == 2


def test_a_column_that_is_gone_stays_and_is_null(loading: Loading) -> None:
    loading.load([line({"v": 1, "w": 2})], loading.table({"v": "integer", "w": "integer"}, WriteMode.APPEND))
    loading.load([line({"v": 3})], loading.table({"v": "integer"}, WriteMode.APPEND))
    assert loading.ask("SELECT v, w FROM shop.raw.t ORDER BY v") == [(1, 2), (3, None)]


def test_a_new_file_can_be_opened_by_duckdb_1_4(loading: Loading) -> None:
    loading.load([line({"v": 1})], loading.table({"v": "integer"}))
    with duckdb.connect(str(loading.root / "shop.duckdb"), read_only=True) as connection:
        row = connection.execute(
            "SELECT tags FROM duckdb_databases() WHERE database_name = 'shop'"
        ).fetchone()
    assert row is not None and "v1.4" in str(row[0])


def test_a_load_that_was_staged_and_not_committed_loses_nothing_when_more_has_come(loading: Loading) -> None:
    """A checkpoint that found the warehouse in use, or whose process died: what follows takes its folder with a later end."""
    lines = [line({"v": number}) for number in range(10)]
    text = "".join(one + "\n" for one in lines)
    until = len("".join(one + "\n" for one in lines[:4]).encode())
    (loading.root / "rows.jsonl").write_text(text)
    short = loading.table({"v": "integer"}, WriteMode.APPEND, until=until)
    whole = loading.table({"v": "integer"}, WriteMode.APPEND)

    def load(table: TableLoad, token: str, state: str) -> Load:
        return Load(
            loader="test", token=token, tables=(table,), state={"k": state}, staging=loading.root / "staging"
        )

    loading.destination.stage(load(short, "a", "4"))
    loading.destination.stage(load(whole, "b", "10")).commit()
    assert loading.ask("SELECT count(*) FROM shop.raw.t") == [(10,)]
    assert loading.destination.state("test") == {"k": "10"}


@pytest.mark.parametrize("first", [["t", "b"], ["t"], ["b"]])
def test_what_was_staged_for_other_tables_is_not_taken(first: list[str], loading: Loading) -> None:
    """A checkpoint is of the streams that have a state; the next one, in the same folder, may be of others."""
    fill_and_stage(loading, first)
    assert loading.ask("SELECT (SELECT list(v) FROM raw.b), (SELECT list(v) FROM raw.t)") == [([2], [1])]


def fill_and_stage(loading: Loading, first: list[str]) -> None:
    """One row of each of two tables: those of `first` are staged ahead, then `b` is loaded, then `t`."""
    (loading.root / "rows.jsonl").write_text(f"{line({'v': 1})}\n{line({'v': 2}, 'b')}\n")

    def load(token: str, names: list[str], *, partial: bool) -> StagedLoad:
        tables = tuple(loading.table({"v": "integer"}, WriteMode.APPEND, name) for name in names)
        staging = loading.root / "staging"
        return loading.destination.stage(
            Load(loader="test", token=token, tables=tables, state={}, staging=staging, partial=partial)
        )

    load("", first, partial=True)
    load("one", ["b"], partial=False).commit()
    load("two", ["t"], partial=False).commit()
