"""States go back to their source as they came, of whatever kind, and only where all that they say is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from penstock.integration import Outcome
from penstock_airbyte.tail import Tail
from penstock_manifests.airbyte import decode_state, encode_state, held, repaired
from tests.unit.penstock_airbyte.replays import Replay, record, state, whole_state

LEGACY = '{"type":"STATE","state":{"data":{"users":{"id":1},"buyers":{"id":1}}}}\n'
DEEP = "[" * 5000 + "]" * 5000


def tail_of(folder: Path, *lines: str) -> Tail:
    (folder / "raw.jsonl").write_text("".join(lines))
    tail = Tail(folder / "raw.jsonl")
    while tail.advance():
        pass
    return tail


HALVES = [
    "cut \ud83d",
    "\ude00\ud83d",
    "\ufffe \ufffed83d \ud83d",
    "\\ud83d \\\ud83d",
    "\ud83d\ud83d\ude00",
    {"\ud83d": ["\ude00"]},
]


@pytest.mark.parametrize("cursor", HALVES, ids=range(len(HALVES)))
def test_half_a_character_is_held_until_it_is_written(cursor: Any) -> None:
    for data in ([json.loads(state(cursor))["state"]], {"users": cursor}):
        text = json.dumps(data).encode()
        assert repaired(held(text)) == held(text)
        assert json.loads(encode_state(decode_state(text))) == json.loads(text)


def test_half_a_character_goes_back_to_its_source(tmp_path: Path) -> None:
    """It failed this sync and each after it, though the source itself reads what it has written."""
    shop = Replay(tmp_path)
    shop.read(record({"id": 1}), state(HALVES[0]))
    shop.read(record({"id": 2}), state(2))
    assert [shop.bench.sync(attempt).outcome for attempt in (1, 2)] == [Outcome.SUCCESS] * 2
    assert [part["stream"]["stream_state"] for part in shop.given(1)] == [{"id": HALVES[0]}]


def test_a_state_for_each_stream_takes_the_place_of_one_for_all(tmp_path: Path) -> None:
    """The old one was given back for ever: each sync read the same rows, and added them again. Without it before all of them have
    their own, one that was not reached would begin again."""
    shop = Replay(tmp_path)
    shop.catalog({name: {"id": {"type": "integer"}} for name in ("users", "buyers")})
    shop.connection["streams"] = {name: {"sync_mode": "incremental_append"} for name in ("users", "buyers")}
    second = (record({"id": 2}), state(2), record({"id": 2}, "buyers"), state(2, "buyers"))
    shop.read(record({"id": 1}), record({"id": 1}, "buyers"), LEGACY)
    shop.read(*second[:2], {"exit": 1})
    shop.read(*second)
    shop.read(state(2), state(2, "buyers"))
    outcomes = [shop.bench.sync(attempt).outcome for attempt in (1, 2, 3, 4)]
    assert outcomes == [Outcome.SUCCESS, Outcome.ERROR, Outcome.SUCCESS, Outcome.SUCCESS]
    assert shop.given(2) == {"users": {"id": 1}, "buyers": {"id": 1}}
    assert [part["stream"]["stream_state"] for part in shop.given(3)] == [{"id": 2}, {"id": 2}]
    assert (shop.rows("id"), shop.rows("id", "buyers")) == ([(1,), (2,)], [(1,), (2,)])


@pytest.mark.parametrize("kinds", [("GLOBAL", "STREAM"), ("STREAM", "GLOBAL"), ("LEGACY", "STREAM")])
def test_states_of_two_kinds_in_one_sync_are_refused(kinds: tuple[str, str], tmp_path: Path) -> None:
    """One of the two was kept, and what the other confirmed came a second time."""
    states = {"STREAM": state(1), "LEGACY": LEGACY, "GLOBAL": whole_state({"lsn": 1}, {"users": {"id": 1}})}
    tail = tail_of(tmp_path, record({"id": 1}), states[kinds[0]], record({"id": 2}), states[kinds[1]])
    assert f"states of two kinds, {kinds[0]} and {kinds[1]}" in (tail.bad or "")


def test_what_is_nested_too_deep_is_told_as_a_line(tmp_path: Path) -> None:
    """It ended the sync with a traceback."""
    lines = [f'{{"words":{DEEP}}}\n', f'{{"type":"LOG","log":{DEEP}}}\n', DEEP + "\n"]
    tail = tail_of(tmp_path, record({"id": 1}), *lines, state(1))
    assert tail.bad is None
    assert tail.all_marked("users")
    assert len(tail.take_logs()) == 3


@pytest.mark.parametrize("deep", [DEEP, "[" * 600 + "]" * 600])
def test_a_state_that_may_not_be_read_again_is_refused(deep: str, tmp_path: Path) -> None:
    tail = tail_of(tmp_path, state("X").replace('"X"', deep))
    assert "a state cannot be read" in (tail.bad or "")
