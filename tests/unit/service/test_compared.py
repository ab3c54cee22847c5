"""A build that had nothing to do has compared: without that it would be due again at once, and for ever."""

from __future__ import annotations

from pathlib import Path

from penstock.assets import AssetKey
from penstock.automation import Clock, Made, Shape
from penstock.service.freshness import _with_compared
from penstock.store import DecisionRow, open_store

RAW, MART, UNMADE = (AssetKey("d", name) for name in ("raw", "mart", "unmade"))


def test_what_was_compared_is_as_new_as_what_it_was_compared_with(tmp_path: Path) -> None:
    store = open_store("sqlite:///store.db", root=tmp_path)
    rows = [DecisionRow(asset=one, at=50.0, code="compared", reason="") for one in (MART, UNMADE)]
    store.decisions("dev").write(rows)
    made = {
        RAW: [Made(started_at=0.0, ended_at=5.0), Made(started_at=30.0, ended_at=40.0)],
        MART: [Made(started_at=10.0, ended_at=20.0)],
    }
    shape = Shape(parents={MART: (RAW,)}, loaded=frozenset({RAW}))
    assert Clock(shape, made).at(MART, 60.0).at == 0.0
    _with_compared(store, "dev", 0.0, made)
    store.close()
    assert Clock(shape, made).at(MART, 60.0).at == 30.0
    assert UNMADE not in made
