"""Rows from lines of JSON into typed tables: what fits, what does not, what happens to tables that exist."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from penstock.errors import ToolError, WarehouseBusy
from penstock.integration import WriteMode
from penstock_postgres.connect import explained
from tests.tools.postgres import PostgresServer
from tests.unit.penstock_duckdb.loading import NOON, line
from tests.unit.penstock_postgres.loading import PostgresLoading as Loading
from tests.unit.penstock_postgres.loading import clear

pytestmark = pytest.mark.slow
CHANGED = "DESTINATION_SERIALIZATION_ERROR"


@pytest.fixture(scope="module")
def database(server: PostgresServer) -> str:
    return server.url()


@pytest.fixture
def loading(tmp_path: Path, database: str) -> Iterator[Loading]:
    """In one database for all of them: a new one costs more than a load."""
    yield Loading(tmp_path, database)
    clear(database)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", "a\nb\t\\N\r\u00e9", "a\nb\t\\N\r\u00e9"),
        ("string", "\\.", "\\."),
        ("string", {"a": [1]}, '{"a":[1]}'),
        ("string", 5, "5"),
        ("string", "null", "null"),
        ("string", "", ""),
        ("boolean", True, "true"),
        ("boolean", "false", "false"),
        ("integer", 9007199254740993, "9007199254740993"),
        ("integer", -(2**63), str(-(2**63))),
        ("integer", "12", "12"),
        ("integer", 3.0, "3"),
        ("integer", 1e3, "1000"),
        ("number", 0.1, "0.1"),
        ("number", 1e-10, "0.0000000001"),
        ("number", 1e30, "1" + "0" * 30),
        ("number", "2.50", "2.50"),
        ("date", "2026-02-28", "2026-02-28"),
        ("timestamp_tz", "2026-01-01T02:00:00-07:00", "2026-01-01 09:00:00+00"),
        ("timestamp_tz", "2026-01-01T02:00:00", "2026-01-01 02:00:00+00"),
        ("timestamp_tz", "2026-01-01T02:00:00.123456Z", "2026-01-01 02:00:00.123456+00"),
        ("timestamp", "2026-01-01T02:00:00", "2026-01-01 02:00:00"),
        ("time", "10:20:30.5", "10:20:30.5"),
        ("time_tz", "10:20:30Z", "10:20:30+00"),
        ("json", {"b": [1, None, "\\n\n"]}, '{"b": [1, null, "\\\\n\\n"]}'),
        ("json", "text", '"text"'),
    ],
)
def test_a_value_that_fits_is_kept(kind: str, value: Any, expected: str, loading: Loading) -> None:
    loading.load([line({"v": value})], loading.table({"v": kind}))
    assert loading.ask("SELECT v::text, _airbyte_meta->>'changes' FROM raw.t") == [(expected, "[]")]


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("boolean", "maybe", None),
        ("boolean", 1, None),
        ("integer", 1.5, None),
        ("integer", "15e-1", None),
        ("integer", 2**63, None),
        ("integer", "1_0", None),
        ("number", "much", None),
        ("number", "1e200000", None),
        ("number", "NaN", None),
        ("date", "2026-02-30", None),
        ("timestamp_tz", "2026-13-01T00:00:00Z", None),
        ("timestamp_tz", 1_767_268_800, None),
        ("timestamp", "soon", None),
        ("timestamp", "2026-01-01T02:00:00.1234567", "2026-01-01 02:00:00.123456"),
        ("time", "25:00:00", None),
        ("string", "a\0b", "ab"),
        ("json", {"a": "x\0y"}, '{"a": "xy"}'),
    ],
)
def test_a_value_that_does_not_fit_is_named(
    kind: str, value: Any, kept: str | None, loading: Loading
) -> None:
    table = loading.table({"ok": "integer", "v": kind}, sync_id=7)
    (done,) = loading.load([line({"ok": 1, "v": value}), line({"ok": 2})], table)
    assert (done.rows_read, done.rows_changed) == (2, 1)
    ((ok, found, meta),) = loading.ask("SELECT ok, v::text, _airbyte_meta FROM raw.t WHERE ok = 1")
    assert (ok, found) == (1, kept)
    change = "TRUNCATED" if kept else "NULLED"
    assert meta == {"changes": [{"field": "v", "change": change, "reason": CHANGED}], "sync_id": 7}


@pytest.mark.parametrize("depth", [900, 3_000, 50_000])
def test_a_deep_document_is_kept_or_named(depth: int, loading: Loading) -> None:
    text = line({"v": None, "n": 1}).replace("null", "[" * depth + "]" * depth)
    loading.load([text, line({"v": 1, "n": 2})], loading.table({"v": "json", "n": "integer"}))
    rows = loading.ask("SELECT v::text, _airbyte_meta->>'changes' FROM raw.t ORDER BY n")
    assert len(rows) == 2
    assert (rows[0][0] is not None) == (rows[0][1] == "[]") == (depth < 50_000)


def test_a_member_that_jsonb_drops_is_noted(loading: Loading) -> None:
    """`jsonb` keeps the last of two members of one name, at any depth, and says nothing."""
    documents = [
        '{"a":1,"b":{"a":2}}',
        '{"a":1,"a":2}',
        '[{"x":{"y":[1],"y":[2]}}]',
        '{"a":"\\"a\\":","b":"a"}',
    ]
    documents += ['{"\\u0061":1,"a":[2]}', '[{"a":1},{"a":1}]', "[" * 2_000 + '{"z":0,"z":1}' + "]" * 2_000]
    whole = [line({"v": None, "n": n}).replace("null", text) for n, text in enumerate(documents)]
    loading.load(whole, loading.table({"v": "json", "n": "integer"}))
    noted = loading.ask("SELECT n FROM raw.t WHERE _airbyte_meta->>'changes' <> '[]' ORDER BY n")
    assert noted == [(1,), (2,), (4,), (6,)]
    assert loading.ask("SELECT v::text FROM raw.t WHERE n = 2") == [('[{"x": {"y": [2]}}]',)]


def test_the_layout_is_airbytes_own(loading: Loading) -> None:
    loading.load([line({"v": 1}), line({"v": 2}, at=NOON + 123)], loading.table({"v": "number"}))
    assert loading.ask(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = 'raw.t'::regclass AND attnum > 0 ORDER BY attnum"
    ) == [
        ("_airbyte_raw_id", "character varying"),
        ("_airbyte_extracted_at", "timestamp with time zone"),
        ("_airbyte_meta", "jsonb"),
        ("_airbyte_generation_id", "bigint"),
        ("v", "numeric"),
    ]
    rows = loading.ask("SELECT _airbyte_extracted_at::text, _airbyte_raw_id FROM raw.t ORDER BY v")
    assert [row[0] for row in rows] == ["2026-01-01 12:00:00+00", "2026-01-01 12:00:00.123+00"]
    assert len({row[1] for row in rows}) == 2


def test_what_is_no_row_of_the_table_is_left_out(loading: Loading) -> None:
    lines = [
        line({"v": 1}),
        line({"v": 2}, stream="u"),
        '{"type":"LOG","log":{"message":"RECORD"}}',
        "",
        line({"v": None}),
        line({}),
    ]
    done = loading.load(lines, *(loading.table({"v": "integer"}, name=name) for name in ("t", "u", "w")))
    assert [table.rows_read for table in done] == [3, 1, 0]
    assert loading.ask("SELECT v FROM raw.t ORDER BY v") == [(1,), (None,), (None,)]


@pytest.mark.parametrize(
    "wrong",
    [
        "not json",
        '{"type":"RECORD","record":"nonsense"}',
        '{"type":"RECORD","record":{"stream":"t","data":{"v":3',
        '{"type":"RECORD","record":{"stream":"t","data":{"v":3,"v":4},"emitted_at":1}}',
        '{"type":"RECORD","record":{"stream":"t","data":{ "v":3 , "v":3 },"emitted_at":1}}',
        '{"type":"RECORD","record":{"stream":"t","data":[1],"emitted_at":1}}',
    ],
)
def test_a_line_that_cannot_be_read_fails_the_load(wrong: str, loading: Loading) -> None:
    with pytest.raises(ToolError, match="the rows cannot be read"):
        loading.load([line({"v": 1}), wrong], loading.table({"v": "integer"}))
    assert loading.ask("SELECT to_regclass('raw.t')") == [(None,)]


def test_names_that_need_quotes(loading: Loading) -> None:
    fields = {"a'b": "integer", 'a"b': "integer", "a.b": "integer", "select": "integer", "50%": "integer"}
    loading.load([line({name: place for place, name in enumerate(fields)})], loading.table(fields))
    columns = ", ".join('"' + name.replace('"', '""') + '"' for name in fields)
    assert loading.ask(f"SELECT {columns} FROM raw.t") == [(0, 1, 2, 3, 4)]


def test_a_field_that_is_named_by_the_empty_text_is_not_taken_from_its_columns_name(loading: Loading) -> None:
    table = loading.table({"": "string", "_": "string", "id": "integer"}, as_="_", as__="__1")
    loading.load([line({"": "empty", "_": "x", "id": 1})], table)
    assert loading.ask("SELECT _, __1, id FROM raw.t") == [("empty", "x", 1)]


def test_a_token_is_applied_once(loading: Loading) -> None:
    table = loading.table({"v": "integer"}, WriteMode.APPEND)
    first = loading.load([line({"v": 1})], table, token="a", state={"k": "1"})
    again = loading.load([line({"v": 2})], table, token="a", state={"k": "2"})
    assert again == first
    assert loading.ask("SELECT v FROM raw.t") == [(1,)]
    assert loading.destination.state("test") == {"k": "1"}
    assert loading.destination.committed("test", "a") == first
    assert not loading.destination.committed("test", "b")
    assert loading.destination.loaders([table.relation]) == {"test"}


def test_a_load_goes_on_from_the_state_that_is_there(loading: Loading) -> None:
    table = loading.table({"v": "integer"}, WriteMode.APPEND)
    loading.load([line({"v": 1})], table, state={"k": "1"}, expected={})
    loading.load([line({"v": 2})], table, state={"k": "2"}, expected={"k": "1"})
    with pytest.raises(ToolError, match="by somebody else"):
        loading.load([line({"v": 3})], table, state={"k": "3"}, expected={"k": "1"})
    assert loading.ask("SELECT v FROM raw.t ORDER BY v") == [(1,), (2,)]
    assert loading.destination.state("test") == {"k": "2"}


def test_a_load_that_fails_midway_changes_nothing(loading: Loading) -> None:
    good = loading.table({"v": "integer"}, name="t")
    loading.load([line({"v": 1})], good, state={"k": "1"})
    loading.ask("CREATE VIEW raw.u AS SELECT 1 AS v")
    bad = loading.table({"v": "integer"}, WriteMode.APPEND, name="u")
    with pytest.raises(ToolError, match=r"raw\.u is no table"):
        loading.load([line({"v": 2}), line({"v": 2}, stream="u")], good, bad, state={"k": "2"})
    assert loading.ask("SELECT v FROM raw.t") == [(1,)]
    assert loading.destination.state("test") == {"k": "1"}


def test_a_replaced_table_keeps_its_views_and_grants(loading: Loading) -> None:
    loading.load([line({"v": 1})], loading.table({"v": "integer"}))
    loading.ask("CREATE VIEW seen AS SELECT v FROM raw.t")
    loading.ask("GRANT SELECT ON raw.t TO public")
    loading.load([line({"v": 2, "w": "x"})], loading.table({"v": "integer", "w": "string"}))
    assert loading.ask("SELECT v FROM seen") == [(2,)]
    assert loading.ask("SELECT relacl::text LIKE '%=r/%' FROM pg_class WHERE oid = 'raw.t'::regclass") == [
        (True,)
    ]


def merging(loading: Loading, **settings: Any) -> Any:
    return loading.table(
        {"id": "integer", "at": "integer", "v": "string", "_ab_cdc_deleted_at": "string"},
        WriteMode.MERGE,
        primary_key=("id",),
        cursor="at",
        **settings,
    )


def test_a_merge_keeps_the_newest_row_of_each_key(loading: Loading) -> None:
    def row(key: int | None, at: int | None, value: str, **more: str) -> str:
        return line({"id": key, "at": at, "v": value, **more})

    loading.load(
        [row(1, 1, "a"), row(1, 3, "c"), row(1, 2, "b"), row(2, 5, "x"), row(None, 1, "n")], merging(loading)
    )
    assert loading.ask("SELECT id, v FROM raw.t ORDER BY id") == [(1, "c"), (2, "x"), (None, "n")]
    (done,) = loading.load(
        [row(1, 2, "old"), row(2, 6, "y"), row(3, None, "z"), row(None, 2, "m"), row(None, 2, "l")],
        merging(loading),
    )
    assert loading.ask("SELECT id, v FROM raw.t ORDER BY id") == [(1, "c"), (2, "y"), (3, "z"), (None, "l")]
    assert (done.rows_read, done.rows_total) == (4, 4)
    loading.load([row(2, 7, "gone", _ab_cdc_deleted_at="2026-01-01")], merging(loading))
    assert loading.ask("SELECT id FROM raw.t ORDER BY id") == [(1,), (3,), (None,)]


def test_a_key_that_is_not_as_the_source_has_it_is_refused(loading: Loading) -> None:
    with pytest.raises(ToolError, match="a row's key id cannot be kept"):
        loading.load([line({"id": 2**63, "at": 1})], merging(loading))
    with pytest.raises(
        ToolError, match="a row's key id cannot be kept"
    ):  # told by a row that is not the newest of its key
        loading.load([line({"id": 1.5, "at": 1}), line({"id": None, "at": 2})], merging(loading))


@pytest.mark.parametrize("kind", ["timestamp_tz", "json"])
def test_a_column_may_be_called_as_our_statements_call_things(kind: str, loading: Loading) -> None:
    """Where rows note changes, a column `c` was asked for them: an error, or of a document nothing, and the key was merged."""
    names = {"id": "integer", **dict.fromkeys("crnst", kind)}
    table = loading.table(names, WriteMode.MERGE, primary_key=("id",))
    rows = [line({"id": 1, "c": "x", "n": "x"}), line({"id": 2, "c": "x"})]
    (done,) = loading.load(rows, table)
    assert (done.rows_total, done.rows_changed) == (2, 0 if kind == "json" else 2)
    with pytest.raises(ToolError, match="a row's key id cannot be kept"):
        loading.load([line({"id": 1.5, "c": "x"}), line({"id": None, "c": "x"})], table)


def test_the_generation_counts_up(loading: Loading) -> None:
    for expected in (1, 2):
        loading.load([line({"v": 1})], loading.table({"v": "integer"}, new_generation=True))
        assert loading.ask("SELECT _airbyte_generation_id FROM raw.t") == [(expected,)]
    loading.load([line({"v": 1})], loading.table({"v": "integer"}, WriteMode.APPEND))
    assert loading.ask("SELECT DISTINCT _airbyte_generation_id FROM raw.t") == [(2,)]


def test_who_asks_for_a_commit_waits_until_it_has_ended(loading: Loading) -> None:
    """A process that died while its COMMIT was under way left it to the server."""
    loading.load([line({"v": 1})], loading.table({"v": "integer"}), token="first")
    with psycopg.connect(loading.url) as other:
        other.execute("SELECT pg_advisory_xact_lock(hashtextextended('penstock test', 0))")
        other.execute("INSERT INTO _penstock.loads VALUES ('test', 'late', now(), '[]')")
        answers: list[Any] = []
        asking = threading.Thread(
            target=lambda: answers.append(loading.destination.committed("test", "late"))
        )
        asking.start()
        asking.join(0.5)
        assert not answers
        other.commit()
        asking.join(30)
    assert answers == [()]


def test_a_locked_table_is_busy_and_the_load_can_be_tried_again(loading: Loading) -> None:
    table = loading.table({"v": "integer"}, WriteMode.APPEND)
    loading.load([line({"v": 1})], table)
    with psycopg.connect(loading.url) as other:
        other.execute("LOCK TABLE raw.t IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(WarehouseBusy, match="locked by another session"):
            loading.patient(0.5).load([line({"v": 2})], table)
    assert loading.ask("SELECT v FROM raw.t") == [(1,)]


def test_reset_empties_tables_and_replaces_the_state(loading: Loading) -> None:
    table = loading.table({"v": "integer"}, WriteMode.APPEND)
    loading.load([line({"v": 1}), line({"v": 2})], table, state={"k": "1"})
    missing = loading.destination.relation("raw", "missing")
    assert loading.destination.reset("test", {"k": "0"}, [table.relation, missing]) == {table.relation: 2}
    assert loading.destination.state("test") == {"k": "0"}
    assert loading.ask("SELECT count(*) FROM raw.t") == [(0,)]


@pytest.mark.parametrize(
    ("kind", "lost"), [("ProgramLimitExceeded", False), ("DiskFull", False), ("AdminShutdown", True)]
)
def test_only_a_lost_connection_is_called_one(kind: str, lost: bool) -> None:
    error = explained("shop", getattr(psycopg.errors, kind)("row is too big"))
    assert ("the connection was lost" in error.what) is lost
