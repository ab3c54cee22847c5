"""A sync that ends around any of its turns with the warehouse, and is gone on with or begun again: each row is there once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from penstock.integration import AttemptKey, Handle, Intent, LogLine, Outcome
from penstock_airbyte.drift import loaded_file
from penstock_airbyte.integration import INTEGRATION
from tests.tools.syncing import Bench
from tests.unit.penstock_airbyte.replays import FIELDS, Replay, Step, record, state


class Stopping(Bench):
    """Stops for good before or after its n-th turn: before, nothing of it has happened; after, nobody has noted that it has."""

    turn = 0
    after = False

    @asynccontextmanager
    async def _hold(self, attempt: AttemptKey, phase: str) -> AsyncIterator[None]:
        if not self.after:
            await self._stop(self.turn - 1)
        async with super()._hold(attempt, phase):
            yield
        if self.after:
            await self._stop(self.turn)

    async def _stop(self, turns: int) -> None:
        if len(self.held) == turns:
            self.reached.set()
            await asyncio.Event().wait()

    def run_until_stopped(self) -> None:
        """Or until it has ended, where it has no turn more."""
        asyncio.run(self._run_until_stopped())

    async def _run_until_stopped(self) -> None:
        self.reached = asyncio.Event()
        runner, step = self.runner(), self.step()
        handle = await runner.start(step, AttemptKey("r1", step.id, 1), Intent())
        assert isinstance(handle, Handle)

        async def follow() -> None:
            async for _ in runner.events(handle):
                pass

        following, stopped = asyncio.create_task(follow()), asyncio.create_task(self.reached.wait())
        await asyncio.wait({following, stopped}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
        await runner.close(detach=True)
        following.cancel()


def stopping(shop: Replay, turn: int, *, after: bool) -> Stopping:
    bench = Stopping(shop.root, **shop.raw())
    bench.turn, bench.after = turn, after
    return bench


def place_of(shop: Replay) -> int:
    """The last user of whom the committed state says that he is there."""
    if not (shop.root / "shop.duckdb").exists():
        return 0
    kept = shop.ask("SELECT value->>'$.stream.stream_state.id' FROM shop._penstock.state")
    return int(kept[0][0]) if kept else 0


CONFIRMED: list[Step] = [record({"id": 2}), state(2)]
UNCONFIRMED: list[Step] = [record({"id": 2})]


@pytest.mark.parametrize(
    ("other", "end", "turn", "after", "adopt"),
    [
        (None, UNCONFIRMED, 2, True, True),  # the first turn asks for the state
        ("full_refresh_append", CONFIRMED, 2, True, True),
        ("full_refresh_append", CONFIRMED, 3, False, False),
        ("full_refresh_append", CONFIRMED, 3, True, True),
        ("full_refresh_append", UNCONFIRMED, 2, True, True),
        ("full_refresh_append", UNCONFIRMED, 2, True, False),
        ("full_refresh_overwrite", UNCONFIRMED, 3, False, True),
    ],
)
def test_each_row_is_there_once(
    other: str | None, end: list[Step], turn: int, after: bool, adopt: bool, tmp_path: Path
) -> None:
    shop = Replay(tmp_path)
    buyer: list[Step] = []
    if other is not None:
        shop.catalog({"users": FIELDS, "buyers": FIELDS})
        shop.connection["streams"]["buyers"] = {"sync_mode": other}
        buyer = [record({"id": 7}, "buyers")]
    shop.read(record({"id": 1}), state(1), *buyer, *end)
    stopping(shop, turn, after=after).run_until_stopped()
    if not adopt:  # a source that goes on from the state that was committed
        place = place_of(shop)
        shop.read(*(record({"id": number}) for number in (1, 2) if number > place), state(2), *buyer)
    result = shop.bench.sync(1 if adopt else 2, adopt=adopt)
    assert result.outcome is Outcome.SUCCESS
    tables = ["users", "buyers"][: 1 + bool(buyer)]
    assert [shop.rows("id", table) for table in tables] == [[(1,), (2,)], [(7,)]][: len(tables)]
    if adopt:
        assert [result.items[f"shop/{table}#table"].rows for table in tables] == [2, 1][: len(tables)]


def test_what_breaks_behind_the_last_commit_is_said_and_no_failure(tmp_path: Path) -> None:
    """Tried again, it would append its rows a second time."""
    shop = Replay(tmp_path, "full_refresh_append")
    shop.read(record({"id": 1}))
    in_the_way = loaded_file(shop.bench.state_dir, "ingest", "dev", "shop")
    in_the_way.mkdir(parents=True)
    result = shop.bench.sync(1)
    assert (result.outcome, result.items["shop/users#table"].rows) == (Outcome.SUCCESS, 1)
    assert result.message.startswith("committed, as the warehouse tells")
    assert any(text.endswith(": Is a directory") for text in result.texts(LogLine)), result.texts(LogLine)
    assert shop.rows("id") == [(1,)]


def loaded_by_another(shop: Replay) -> None:
    """The same connection, run with a store of its own."""
    shop.read(record({"id": 1}), state(1))
    other = shop.bench
    other.state_dir = shop.root / "other"
    assert other.sync(1, run="elsewhere").outcome is Outcome.SUCCESS


def cleared(shop: Replay) -> None:
    INTEGRATION.clear(shop.bench.run_context(), "shop", ())


def removed(shop: Replay) -> None:
    shop.bench.file.unlink()


@pytest.mark.parametrize("meanwhile", [loaded_by_another, cleared, removed])
def test_a_state_that_is_not_the_warehouses_any_more_is_not_gone_on_from(
    meanwhile: Callable[[Replay], None], tmp_path: Path
) -> None:
    """Rows would come twice, or what was cleared would not come back."""
    shop = Replay(tmp_path)
    shop.read(record({"id": 0}), state(0))
    assert shop.bench.sync(1, run="r0").outcome is Outcome.SUCCESS
    shop.read(record({"id": 1}), state(1))
    stopping(shop, 2, after=False).run_until_stopped()
    meanwhile(shop)
    result = shop.bench.sync(1, adopt=True)
    assert (result.outcome, result.retryable) == (Outcome.ERROR, True)
    assert "by somebody else since this sync began" in result.message
    place = place_of(shop) if meanwhile is loaded_by_another else -1
    shop.read(*(record({"id": number}) for number in (0, 1) if number > place), state(1))
    assert shop.bench.sync(2).outcome is Outcome.SUCCESS
    assert shop.rows("id") == [(0,), (1,)]
