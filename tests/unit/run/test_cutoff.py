"""Early cut-off: what was to be decided is looked at when all above it is done, by the step that holds its warehouse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from penstock.assets import AssetKey, Hold
from penstock.plan import UNDECIDED
from penstock.run import RunResult
from penstock.store import ItemState
from tests.tools.engine import Engine, states
from tests.tools.scripted import World, asset, key, plan

ONE_SLOT = (Hold("duckdb:x"),)


def test_what_holds_its_warehouse_looks_at_once(engine: Engine) -> None:
    """The step that would make it holds the only slot of the warehouse already: it must not stand in line behind itself."""
    above = asset("a", holds=ONE_SLOT)
    below = replace(asset("b", "a", holds=ONE_SLOT, batch="t"), code=UNDECIDED)
    asked: list[Sequence[AssetKey]] = []

    def decide(keys: Sequence[AssetKey]) -> Mapping[AssetKey, str]:
        asked.append(list(keys))
        return dict.fromkeys(keys, "the same rows")

    async def whole() -> RunResult:
        coordinator = engine.coordinator(plan(above, below), World(), pools={"duckdb:x": 1}, decide=decide)
        return await coordinator.run()

    began = time.monotonic()
    result = asyncio.run(whole())
    assert asked == [[key("b")]]
    assert states(result) == {"a": ItemState.SUCCESS, "b": ItemState.REUSED}
    assert time.monotonic() - began < 1.5
