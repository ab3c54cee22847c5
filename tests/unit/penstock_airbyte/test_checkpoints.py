"""What a state has confirmed is kept: while a long sync goes on, and when it is stopped, fails or dies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from penstock.integration import AttemptKey, Handle, Intent, Outcome, StepEvent
from tests.tools.syncing import Result
from tests.unit.penstock_airbyte.replays import FIELDS, Replay, record, state, status, whole_state


def tokens(shop: Replay) -> list[str]:
    return [row[0] for row in shop.ask("SELECT token FROM shop._penstock.loads ORDER BY committed_at")]


def committed(shop: Replay) -> int:
    """Rows that are in the table now; 0 while there is none, or while it is being written."""
    try:
        return int(shop.ask("SELECT count(*) FROM shop.raw.users")[0][0])
    except duckdb.Error:
        return 0


def stopped_when(shop: Replay, ready: Callable[[], bool]) -> Result:
    """A sync that is cancelled as soon as that is so."""

    async def drive() -> tuple[StepEvent, ...]:
        bench = shop.bench
        runner, step = bench.runner(), bench.step()
        handle = await runner.start(step, AttemptKey("r1", step.id, 1), Intent())
        assert isinstance(handle, Handle)

        async def stop() -> None:
            deadline = time.monotonic() + 60
            while not await asyncio.to_thread(ready):
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)
            await runner.cancel(handle)

        stopping = asyncio.create_task(stop())
        events = [event async for event in runner.events(handle)]
        await stopping
        return tuple(events)

    return Result(asyncio.run(drive()))


def seen(shop: Replay, text: str) -> Callable[[], bool]:
    """Whether the connector has written that."""

    def look() -> bool:
        return any(text in file.read_text() for file in shop.root.glob(".penstock/runs/*/raw.jsonl"))

    return look


@pytest.mark.parametrize("mode", ["incremental_append", "incremental_append_dedup"])
def test_a_long_sync_commits_at_its_states(mode: str, tmp_path: Path) -> None:
    shop = Replay(tmp_path, mode)
    shop.settings = {"checkpoint_every": 0.2}
    steps: list[Any] = []
    for number in range(1, 5):
        steps += [record({"id": number, "name": "x"}), state(number), {"checkpoints": number}]
    shop.read(*steps, record({"id": 9, "name": "last"}))
    result = shop.bench.sync()
    assert result.outcome is Outcome.SUCCESS
    assert result.items["shop/users#table"].rows == 5
    assert shop.rows("id") == [(1,), (2,), (3,), (4,), (9,)]
    written = tokens(shop)
    assert written[-1] == "r1/sync-shop/1"
    assert len(written) == len(set(written)) == 5


def test_what_a_state_confirmed_survives_being_stopped(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.read(record({"id": 1}), record({"id": 2}), state(2), record({"id": 3}), {"sleep": 60})
    shop.read(record({"id": 3}), state(3))
    result = stopped_when(shop, seen(shop, '"id": 3'))
    assert result.outcome is Outcome.CANCELLED
    assert result.items["shop/users#table"].rows == 2
    assert shop.bench.sync(2).outcome is Outcome.SUCCESS
    assert [part["stream"]["stream_state"] for part in shop.given(1)] == [{"id": 2}]
    assert shop.rows("id") == [(1,), (2,), (3,)]


def test_an_overwrite_that_was_stopped_is_not_swapped_in(tmp_path: Path) -> None:
    """Nor when the connector, asked to stop, ends with exit code 0."""
    shop = Replay(tmp_path, "full_refresh_overwrite")
    shop.read(record({"id": 1}), {"sleep": 60})
    assert stopped_when(shop, seen(shop, '"id": 1')).outcome is Outcome.CANCELLED
    assert not (tmp_path / "shop.duckdb").exists()


def test_a_checkpoint_is_there_before_the_sync_has_ended(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.settings = {"checkpoint_every": 0.1}
    shop.read(record({"id": 1}), state(1), {"sleep": 60})
    result = stopped_when(shop, lambda: committed(shop) == 1)
    assert result.outcome is Outcome.CANCELLED
    assert shop.rows("id") == [(1,)]


def test_increments_and_full_refreshes_in_one_connection(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.settings = {"checkpoint_every": 0.1}
    shop.catalog({"users": FIELDS, "buyers": FIELDS})
    shop.connection["streams"]["buyers"] = {"sync_mode": "full_refresh_overwrite"}
    shop.read(
        record({"id": 1}), record({"id": 7}, "buyers"), state(1), {"sleep": 1.0},
        record({"id": 2}), record({"id": 8}, "buyers"), state(2),
    )  # fmt: skip
    result = shop.bench.sync()
    assert result.outcome is Outcome.SUCCESS
    assert (shop.rows("id"), shop.rows("id", "buyers")) == ([(1,), (2,)], [(7,), (8,)])
    assert [result.items[f"shop/{name}#table"].rows for name in ("users", "buyers")] == [2, 2]


def test_one_state_for_all_streams_is_a_checkpoint_of_all(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.settings = {"checkpoint_every": 0.1}
    shop.catalog({"users": FIELDS, "buyers": FIELDS})
    shop.connection["streams"]["buyers"] = {"sync_mode": "incremental_append"}
    shop.read(
        record({"id": 1}), record({"id": 7}, "buyers"), whole_state({"lsn": 1}, {"users": 1, "buyers": 1}),
        {"sleep": 1.0}, record({"id": 8}, "buyers"), {"exit": 1},
    )  # fmt: skip
    assert shop.bench.sync().outcome is Outcome.ERROR
    assert (shop.rows("id"), shop.rows("id", "buyers")) == ([(1,)], [(7,)])


def test_states_of_streams_by_turns_take_their_own_rows(tmp_path: Path) -> None:
    """A stream's rows after its own state wait for its next one, though another stream has moved on."""
    shop = Replay(tmp_path)
    shop.settings = {"checkpoint_every": 0.1}
    shop.catalog({"users": FIELDS, "buyers": FIELDS})
    shop.connection["streams"]["buyers"] = {"sync_mode": "incremental_append"}
    steps: list[Any] = []
    for number in range(1, 6):
        steps += [
            record({"id": number}),
            record({"id": number}, "buyers"),
            state(number, "buyers"),
            {"sleep": 0.5},
        ]
        steps += [state(number)] if number == 3 else []
    shop.read(*steps, status("INCOMPLETE"), {"exit": 1})
    shop.read()
    assert shop.bench.sync().outcome is Outcome.ERROR
    numbers = [(number,) for number in range(1, 6)]
    assert (shop.rows("id"), shop.rows("id", "buyers")) == (numbers[:3], numbers)
    shop.bench.sync(2)
    assert {
        part["stream"]["stream_descriptor"]["name"]: part["stream"]["stream_state"]["id"]
        for part in shop.given(1)
    } == {
        "users": 3,
        "buyers": 5,
    }


def test_rows_that_had_to_be_changed_are_counted_over_all_checkpoints(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.settings = {"checkpoint_every": 0.2}
    cut = b'{"type":"RECORD","record":{"stream":"users","data":{"id":%d,"name":"a\\ud83d"},"emitted_at":1767268800000}}\n'
    shop.read(cut % 1, record({"id": 2, "name": "b"}), state(2), {"checkpoints": 1}, cut % 3, state(3))
    table = shop.bench.sync(1).items["shop/users#table"]
    assert table.outcome is Outcome.SUCCESS and table.rows == 3
    assert table.message == "2 rows have values that differ from the source: see _airbyte_meta.changes"
    assert len(tokens(shop)) >= 2
