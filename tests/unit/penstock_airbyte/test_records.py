"""Every record that a connector emits is loaded, or named in its row's changes, or fails the sync before the state moves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.integration import LogLine, Outcome
from tests.unit.penstock_airbyte.replays import (
    Replay,
    Step,
    of,
    record,
    state,
    status,
    trace,
)

MODES = ["full_refresh_overwrite", "full_refresh_append", "incremental_append", "incremental_append_dedup"]
LOST = {"change": "TRUNCATED", "reason": "SOURCE_SERIALIZATION_ERROR"}
GONE = {"change": "NULLED", "reason": "SOURCE_SERIALIZATION_ERROR"}


@pytest.mark.parametrize("mode", MODES)
def test_half_a_character_is_repaired_and_noted(mode: str, tmp_path: Path) -> None:
    shop = Replay(tmp_path, mode)
    shop.read(
        of('{"id":1,"name":"cut \\ud83d"}'),
        of('{"id":2,"name":"caf\u00e9"}').encode("latin-1"),
        of('{"id":3,"name":"whole \\ud83d\\ude00 \\\\ud83d"}'),
        of('{"id":4,"doc":{"a":["\\ude00"]}}'),
        state(4),
    )
    assert shop.bench.sync().outcome is Outcome.SUCCESS
    assert shop.rows("id, name, doc") == [
        (1, "cut \ufffd", None),
        (2, "caf\ufffd", None),
        (3, "whole \U0001f600 \\ud83d", None),
        (4, None, '{"a":["\ufffd"]}'),
    ]
    assert shop.changes() == {
        1: [{"field": "name", **LOST}],
        2: [{"field": "name", **LOST}],
        4: [{"field": "doc", **LOST}],
    }


def test_what_is_no_number_is_null_and_noted(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.read(
        of('{"id":1,"score":NaN}'),
        of('{"id":2,"doc":{"a":-Infinity}}'),
        of('{"id":3,"name":"NaN"}'),
        state(3),
    )
    assert shop.bench.sync().outcome is Outcome.SUCCESS
    assert shop.rows("id, name, score, doc") == [
        (1, None, None, None),
        (2, None, None, '{"a":null}'),
        (3, "NaN", None, None),
    ]
    assert shop.changes() == {1: [{"field": "score", **GONE}], 2: [{"field": "doc", **GONE}]}


def test_of_a_doubled_field_the_last_wins(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.read(of('{"id":1,"name":"first","name":"last"}'), of('{"id":2,"doc":{"a":1,"a":2}}'), state(2))
    assert shop.bench.sync().outcome is Outcome.SUCCESS
    assert shop.rows("id, name, doc") == [(1, "last", None), (2, None, '{"a":1,"a":2}')]
    assert shop.changes() == {1: [{"field": "name", **LOST}]}


def test_a_doubled_field_is_seen_among_many_streams_too(tmp_path: Path) -> None:
    """From five tables on, the lines are read once for all of them."""
    shop = Replay(tmp_path)
    names = ["users", "b", "c", "d", "e"]
    shop.catalog({name: {"id": {"type": "integer"}, "name": {"type": "string"}} for name in names})
    shop.connection["streams"] = {name: {"sync_mode": "incremental_append"} for name in names}
    shop.read(*(of('{"id":1,"name":"first","name":"last"}', name) for name in names))
    assert shop.bench.sync().outcome is Outcome.SUCCESS
    assert [shop.rows(table=name) for name in names] == [[(1, "last")]] * 5


def test_what_the_source_has_noted_itself_is_kept(tmp_path: Path) -> None:
    own = {"field": "name", "change": "TRUNCATED", "reason": "SOURCE_FIELD_SIZE_LIMITATION"}
    shop = Replay(tmp_path)
    shop.read(
        record({"id": 1, "name": "x"}, meta={"changes": [own]}),
        record({"id": 2, "name": "y", "score": "much"}, meta={"changes": [own]}),
        record({"id": 3, "name": "y"}, meta={"changes": []}),
        record({"id": 4, "name": "y"}, meta={}),
    )
    assert shop.bench.sync().outcome is Outcome.SUCCESS
    ours = {"field": "score", "change": "NULLED", "reason": "DESTINATION_SERIALIZATION_ERROR"}
    assert shop.changes() == {1: [own], 2: [own, ours]}


UNREADABLE = [
    (of('{"id":2')[:-5] + "\n", "a record is not JSON"),
    ("a warning " + of('{"id":2}'), "a record is not JSON"),
    (of('{"id":2}')[:-1] + of('{"id":3}'), "a record is not JSON"),
    (of('{"id":tru}'), "a record is not JSON"),
    (of("[2]"), "a record of 'users' has data that is no object"),
    (of("null"), "a record of 'users' has data that is no object"),
    (of('"text"'), "a record of 'users' has data that is no object"),
    ('{"type":"RECORD"}\n', "a RECORD message has no record"),
    (of('{"id":2}', "others"), "a record is of the stream 'others', which was not asked for"),
    ('{"type":"STATE","state":{"type":"STREAM","stre\n', "a state cannot be read"),
    (of('{"id":2,"name":"\\x"}'), "a record is not JSON"),
    (of('{"id":2}').replace('"', "'"), "a record is not JSON"),
    (of('{"id":2}').encode("utf-16").decode("latin-1"), "a record is not JSON"),
    (of('{"id":2}').replace("RECORD", "record"), 'a message holds a record, and its type is "record"'),
    ('{"type":"STATE","state":{"type":"STREAM"}}\n', "a state cannot be read"),
    (
        state(2, count=5),
        "the source says that it emitted 5 records of 'users' before its state, 0 arrived",
    ),
]


@pytest.mark.parametrize(
    ("line", "why", "mode"),
    [
        (line, why, mode)
        for number, (line, why) in enumerate(UNREADABLE)
        for mode in (
            [MODES[2 + number % 2]] if number else MODES
        )  # how it is read does not depend on the mode
    ],
)
def test_what_cannot_be_read_fails_the_sync_before_the_state_moves(
    line: str, why: str, mode: str, tmp_path: Path
) -> None:
    shop = Replay(tmp_path, mode)
    shop.read(
        record({"id": 1, "name": "a"}), state(1, count=1), line, record({"id": 4, "name": "d"}), state(4)
    )
    result = shop.bench.sync()
    assert result.outcome is Outcome.ERROR
    assert why in result.message
    incremental = mode.startswith("incremental")
    assert (shop.root / "shop.duckdb").exists() == incremental
    if incremental:
        assert shop.rows() == [(1, "a")]
        shop.read(record({"id": 4, "name": "d"}), state(4))
        assert shop.bench.sync(2).outcome is Outcome.SUCCESS
        assert [part["stream"]["stream_state"] for part in shop.given(1)] == [{"id": 1}]
        assert shop.rows() == [(1, "a"), (4, "d")]


def test_a_byte_order_mark_hides_neither_a_record_nor_a_state(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.read(*("\ufeff" + text for text in (record({"id": 1}), state(1))))
    shop.read(state(1))
    assert [shop.bench.sync(attempt).outcome for attempt in (1, 2)] == [Outcome.SUCCESS] * 2
    assert shop.rows("id") == [(1,)]
    assert [part["stream"]["stream_state"] for part in shop.given(1)] == [{"id": 1}]


def test_a_key_whose_document_is_rounded_is_refused(tmp_path: Path) -> None:
    """The row that is noted is not the newest of its key: it would be gone, and nothing would tell."""
    shop = Replay(tmp_path, "incremental_append_dedup")
    shop.connection["streams"]["users"]["primary_key"] = ["doc"]
    shop.read(of('{"id":1,"doc":{"a":0.30000000000000001}}'), of('{"id":2,"doc":{"a":0.3}}'), state(2))
    result = shop.bench.sync()
    assert result.outcome is Outcome.ERROR
    assert "a row's key doc cannot be kept as the source has it" in result.message


@pytest.mark.parametrize("last", ["record", "state", "error"])
def test_a_last_line_without_newline_counts(last: str, tmp_path: Path) -> None:
    steps: dict[str, list[Step]] = {
        "record": [state(1), record({"id": 2, "name": "b"})[:-1]],
        "state": [state(1, line="")],
        "error": [state(1), trace("ERROR", error={"message": "no more"})[:-1]],
    }
    shop = Replay(tmp_path)
    shop.read(record({"id": 1, "name": "a"}), *steps[last])
    shop.read(state(1))
    result = shop.bench.sync()
    assert (result.outcome, result.message) == (
        (Outcome.ERROR, "no more") if last == "error" else (Outcome.SUCCESS, "")
    )
    assert shop.rows() == [(1, "a"), (2, "b")][: 2 if last == "record" else 1]
    shop.bench.sync(2)
    assert shop.given(1) is not None


@pytest.mark.parametrize("code", [0, 1])
@pytest.mark.parametrize("said", [True, False])
def test_complete_and_then_an_error_is_an_error(said: bool, code: int, tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    error = [trace("ERROR", error={"message": "the cursor is wrong"})] if said else []
    shop.read(record({"id": 1, "name": "a"}), state(1), status("COMPLETE"), *error, {"exit": code})
    result = shop.bench.sync()
    expected = Outcome.ERROR if said or code else Outcome.SUCCESS
    assert result.outcome is expected
    assert result.items["shop/users#table"].outcome is expected


def test_an_error_of_another_stream_leaves_a_finished_one_good(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.catalog({"users": {"id": {"type": "integer"}}, "b": {"id": {"type": "integer"}}})
    shop.connection["streams"] = {name: {"sync_mode": "incremental_append"} for name in ("users", "b")}
    shop.read(
        record({"id": 1}),
        state(1),
        status("COMPLETE"),
        status("COMPLETE", "b"),
        trace("ERROR", error={"message": "b broke", "stream_descriptor": {"name": "b"}}),
        {"exit": 1},
    )
    result = shop.bench.sync()
    assert result.items["shop/users#table"].outcome is Outcome.SUCCESS
    assert result.items["shop/b#table"].outcome is Outcome.ERROR


def test_lines_that_are_no_messages_are_told(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    broken = trace("ERROR", error={"message": "half \ud83d a smile"})
    shop.read("[1, 2]\n", '{"a": 1}\n', "\u0000\n", b"caf\xe9\n", record({"id": 1}), state(1), broken)
    result = shop.bench.sync()
    assert result.message == "half \ufffd a smile"
    told = result.texts(LogLine)
    assert [text for text in told if text in ("[1, 2]", '{"a": 1}', "caf\ufffd")] == [
        "[1, 2]",
        '{"a": 1}',
        "caf\ufffd",
    ]
    assert shop.rows("id") == [(1,)]


def test_depth_has_no_end(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    deep = "[" * 20_000 + '"\\ud83d"' + "]" * 20_000
    shop.read(
        of('{"id":1,"doc":{"a":' + deep + "}}"),
        of('{"id":2,"doc":{"a":' + deep.replace("\\ud83d", "") + "}}"),
    )
    assert shop.bench.sync().outcome is Outcome.SUCCESS
    assert shop.rows("id, length(doc)") == [(1, 40_009), (2, 40_008)]
    assert list(shop.changes()) == [1]


def test_counts_of_the_source_are_compared(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.read(record({"id": 1}), record({"id": 2}), state(2, count=2), record({"id": 3}), state(3, count=1.0))
    assert shop.bench.sync().outcome is Outcome.SUCCESS
    assert json.dumps(shop.rows("id")) == "[[1], [2], [3]]"


@pytest.mark.parametrize("at", ['"2026"', '"1767268800000"', '"2026-01-01T00:00:00Z"', "{}"])
def test_a_time_of_emission_that_is_no_number_is_refused(at: str, tmp_path: Path) -> None:
    """DuckDB took "2026" for a moment in 1970."""
    shop = Replay(tmp_path)
    shop.read(record({"id": 1}).replace("1767268800000", at))
    result = shop.bench.sync(1)
    assert result.message == "a record of 'users' has an emitted_at that is no number"


@pytest.mark.parametrize("at", ["true", "false", "[]", ' "2026"'])
def test_a_time_of_emission_that_is_no_number_is_seen_between_others(at: str, tmp_path: Path) -> None:
    """`true` was a moment in 1970: in a merge the row lost to what it replaces, and nothing told."""
    shop = Replay(tmp_path, "incremental_append_dedup")
    lines = [record({"id": 1, "name": name}) for name in ("old", "newer")]
    shop.read(lines[0], lines[1].replace('"emitted_at": 1767268800000', f'"emitted_at" : {at}'), state(1))
    assert shop.bench.sync(1).message == "a record of 'users' has an emitted_at that is no number"


@pytest.mark.parametrize("name", ['"emitted\\u005fat"', '"emitted\\u005Fat" ', '"\\u0065mitted_at"\t'])
def test_a_time_of_emission_is_known_however_its_name_is_written(name: str, tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.read(record({"id": 1}).replace('"emitted_at": 1767268800000', f'{name}:  "2026"'), state(1))
    assert shop.bench.sync(1).message == "a record of 'users' has an emitted_at that is no number"
