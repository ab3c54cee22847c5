"""A stream that was read to its end is swapped in, though another one of the same sync failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from penstock.integration import Outcome
from tests.unit.penstock_airbyte.replays import Replay, Step, record, state, status, trace, whole_state

ID: dict[str, Any] = {"id": {"type": "integer"}}
BROKEN: list[Step] = [trace("ERROR", error={"message": "b broke"}), {"exit": 1}]


def both(root: Path, mode: str, other: str = "full_refresh_overwrite") -> Replay:
    shop = Replay(root, mode)
    shop.catalog({"users": ID, "b": ID})
    shop.connection["streams"]["b"] = {"sync_mode": other}
    return shop


def outcomes(shop: Replay, attempt: int) -> tuple[Outcome, Outcome, Outcome]:
    result = shop.bench.sync(attempt)
    items = result.items
    return result.outcome, items["shop/users#table"].outcome, items["shop/b#table"].outcome


def tables(shop: Replay) -> set[str]:
    found = shop.ask("SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw'")
    return {name for (name,) in found}


@pytest.mark.parametrize("end", [BROKEN, [status("INCOMPLETE", "b")], [record([1], "b")], [{"exit": 1}]])
def test_a_complete_table_is_swapped_in(end: list[Step], tmp_path: Path) -> None:
    shop = both(tmp_path, "full_refresh_overwrite")
    shop.read(record({"id": 9}), status("COMPLETE"), status("COMPLETE", "b"))
    shop.read(record({"id": 1}), record({"id": 7}, "b"), record({"id": 2}), status("COMPLETE"), *end)
    shop.read(record({"id": 3}), record({"id": 8}, "b"), status("COMPLETE"), status("COMPLETE", "b"))
    assert outcomes(shop, 1) == (Outcome.SUCCESS,) * 3
    assert outcomes(shop, 2) == (Outcome.ERROR, Outcome.SUCCESS, Outcome.ERROR)
    assert shop.rows("id") == [(1,), (2,)] and shop.rows("id", "b") == []
    assert outcomes(shop, 3) == (Outcome.SUCCESS,) * 3
    assert shop.rows("id") == [(3,)] and shop.rows("id", "b") == [(8,)]


@pytest.mark.parametrize(
    "steps",
    [
        [record({"id": 1}), *BROKEN],  # nobody said that it is complete
        [record({"id": 1}), status("COMPLETE"), record({"id": 2}), *BROKEN],
        [record({"id": 1}), status("COMPLETE"), status("INCOMPLETE"), *BROKEN],
        [record({"id": 1}), status("COMPLETE"), status("COMPLETE", "b"), *BROKEN],  # which one broke?
        [record({"id": 1}), status("COMPLETE"), state(1, count=2), *BROKEN],  # one row is missing
    ],
)
def test_a_table_that_may_lack_rows_is_not(steps: list[Step], tmp_path: Path) -> None:
    shop = both(tmp_path, "full_refresh_overwrite")
    shop.read(*steps)
    assert outcomes(shop, 1) == (Outcome.ERROR,) * 3
    assert not (tmp_path / "shop.duckdb").exists() or tables(shop) == set()


def test_a_table_that_is_added_to_is_not(tmp_path: Path) -> None:
    shop = both(tmp_path, "full_refresh_append")
    shop.read(record({"id": 1}), status("COMPLETE"), *BROKEN)
    shop.read(record({"id": 1}), status("COMPLETE"), status("COMPLETE", "b"))
    assert outcomes(shop, 1) == (Outcome.ERROR,) * 3
    assert outcomes(shop, 2) == (Outcome.SUCCESS,) * 3
    assert shop.rows("id") == [(1,)]


def test_the_state_of_the_stream_that_failed_stays(tmp_path: Path) -> None:
    shop = both(tmp_path, "full_refresh_overwrite", "incremental_append")
    shop.read(
        record({"id": 1}, "b"), whole_state({}, {"b": {"id": 1}}), status("COMPLETE"), status("COMPLETE", "b")
    )
    shop.read(record({"id": 5}), status("COMPLETE"), record({"id": 2}, "b"), *BROKEN)
    shop.read(record({"id": 6}), record({"id": 2}, "b"), whole_state({}, {"b": {"id": 2}}))
    assert outcomes(shop, 1) == (Outcome.SUCCESS,) * 3
    assert outcomes(shop, 2) == (Outcome.ERROR, Outcome.SUCCESS, Outcome.ERROR)
    assert shop.rows("id") == [(5,)] and shop.rows("id", "b") == [(1,)]
    assert outcomes(shop, 3) == (Outcome.SUCCESS,) * 3
    assert [part["stream_state"] for part in shop.given(2)[0]["global"]["stream_states"]] == [{"id": 1}]
    assert shop.rows("id", "b") == [(1,), (2,)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([status("STARTED"), status("STARTED", "b"), status("COMPLETE", "b")], (True, False)),
        ([status("STARTED"), status("RUNNING")], (True, True)),
        ([status("COMPLETE"), status("COMPLETE", "b")], (False, False)),
        ([], (False, False)),
    ],
)
def test_a_good_exit_is_the_end_of_every_stream(
    said: list[Step], told: tuple[bool, bool], tmp_path: Path
) -> None:
    """As for Airbyte's platform. Of which stream the source did not say so is told."""
    shop = both(tmp_path, "full_refresh_overwrite")
    shop.read(record({"id": 1}), record({"id": 7}, "b"), *said)
    result = shop.bench.sync(1)
    assert result.outcome is Outcome.SUCCESS
    assert shop.rows("id") == [(1,)] and shop.rows("id", "b") == [(7,)]
    messages = [result.items[f"shop/{name}#table"].message or "" for name in ("users", "b")]
    assert tuple("did not say" in message for message in messages) == told
