"""A run that a schedule has begun is on its way: what it makes is not at risk because the next one comes too late."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.assets import AssetKey
from penstock.automation import ready_at
from penstock.service.scheduled import under_way
from penstock.service.workspace import open_workspace
from penstock.store import Decided, RunStore, Tick, TickState, open_store

RAW, MART = AssetKey("d", "raw"), AssetKey("d", "mart")
TAKEN = {RAW: [4.0] * 3, MART: [2.0] * 3}
AHEAD = [
    ("often", lambda at: 1_000.0, frozenset({RAW, MART})),
    ("other", lambda at: 2_000.0, frozenset({RAW})),
]


def expected(store: RunStore, folder: Path, now: float) -> float | None:
    (folder / "penstock.yml").write_text("name: x\nwarehouses: {main: {type: duckdb, path: w.duckdb}}\n")
    begun = under_way(store, open_workspace(folder), AHEAD, now)
    return ready_at([RAW, MART], now, (*begun, *AHEAD), TAKEN)[0]


def tick(state: TickState, at: float) -> Tick:
    return Tick(schedule="often", at=at, state=state, reason="", decided_at=at)


@pytest.mark.parametrize(
    ("state", "ready"),
    [
        (TickState.RUNNING, 106.0),  # since its time
        (TickState.WAITING, 109.0),  # from now on
        (TickState.ENDED, 1_006.0),
        (TickState.FAILED, 1_006.0),
    ],
)
def test_what_has_begun_is_nearer_than_what_is_to_come(
    tmp_path: Path, state: TickState, ready: float
) -> None:
    store = open_store("sqlite:///store.db", root=tmp_path)
    store.automation("dev").decide(lambda known: Decided(ticks=(tick(state, 100.0),)))
    try:
        assert expected(store, tmp_path, 103.0) == ready
    finally:
        store.close()
