"""A step's story survives its tellers: cancel, a killed dbt, a killed coordinator. Every item ends once, and nothing is left running."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from penstock.integration import Finished, Intent, ItemFinished, ItemStarted, Lost, Outcome, StepEvent
from penstock_dbt.request import Folder
from tests.tools.environment import environ_of
from tests.tools.forked_dbt import environ_of_forked
from tests.unit.penstock_dbt_run.bench import Bench, Ran, alive, pid_of, tables
from tests.unit.penstock_dbt_run.shop import write_shop

pytestmark = pytest.mark.slow

ENDLESS = (
    "{{ config(materialized='table') }}\n"
    "select sum(a.range * b.range) as n from range(100000000) a, range(100000000) b, {{ ref('days') }} c\n"
)
SLOW = (
    "{{ config(materialized='table') }}\n"
    "select count(*) as n from range(20000) a, range(20000) b, {{ ref('days') }} c where (a.range * b.range) % 7 = 3\n"
)
FILES: dict[str, str | None] = {
    "models/days.sql": "{{ config(materialized='table') }}\nselect 1 as day\n",
    "models/endless.sql": ENDLESS,
    "models/slow.sql": SLOW,
    "models/below.sql": "select * from {{ ref('endless') }}\n",
}
ITEMS = ("model.shop.days", "model.shop.endless", "model.shop.below")


@pytest.fixture
def environ(request: pytest.FixtureRequest) -> dict[str, str]:
    """What is killed here is to be gone at once; what was never told or started is not killed."""
    return environ_of_forked() if "never" in request.node.name else environ_of("1.11")


async def until(
    bench: Bench, items: tuple[str, ...], seen: Callable[[StepEvent], bool], act: Callable[[Ran], object]
) -> Ran:
    """Run the items; when an event is `seen`, `act` once, and follow to the end."""
    step, attempt = bench.step(*items)
    handle = await bench.runner.start(step, attempt, Intent())
    events: list[StepEvent] = []
    acting: asyncio.Task[object] | None = None
    async for event in bench.runner.events(handle):
        events.append(event)
        if acting is None and seen(event):
            acting = asyncio.ensure_future(
                bench.runner.cancel(handle)
                if act is cancel
                else asyncio.to_thread(act, Ran(events, bench.folder(attempt)))
            )
    assert acting is not None
    await acting
    return Ran(events, bench.folder(attempt))


def cancel(ran: Ran) -> None:
    """Stands for `runner.cancel` in `until`."""


def endless_started(event: StepEvent) -> bool:
    return isinstance(event, ItemStarted) and event.item == "model.shop.endless"


def test_cancel_interrupts_the_query_and_says_so(mostly: Bench) -> None:
    write_shop(mostly.root, FILES)
    ran = asyncio.run(until(mostly, ITEMS, endless_started, cancel))  # it would never end by itself
    assert ran.outcomes == {
        "model.shop.days": Outcome.SUCCESS,
        "model.shop.endless": Outcome.CANCELLED,
        "model.shop.below": Outcome.CANCELLED,
    }
    assert ran.outcome is Outcome.CANCELLED
    assert "days" in tables(mostly.root / "shop.duckdb")
    assert mostly.run("model.shop.days").outcome is Outcome.SUCCESS


def test_cancel_before_anything_has_begun(mostly: Bench) -> None:
    ran = asyncio.run(until(mostly, ("seed.shop.people", "model.shop.orders"), lambda event: True, cancel))
    assert set(ran.outcomes.values()) == {Outcome.CANCELLED} and ran.outcome is Outcome.CANCELLED


def test_a_cancel_whose_signal_is_lost_builds_nothing(shop: Bench) -> None:
    """SIGINT can fall into an import or a weakref callback, which drop it. The mark is what a worker goes by."""
    step, attempt = shop.step("seed.shop.people", "model.shop.orders")
    Folder(shop.folder(attempt)).mark_cancelled()

    async def follow() -> Ran:
        handle = await shop.runner.start(step, attempt, Intent())
        return Ran([event async for event in shop.runner.events(handle)], shop.folder(attempt))

    ran = asyncio.run(follow())
    assert set(ran.outcomes.values()) == {Outcome.CANCELLED} and ran.outcome is Outcome.CANCELLED
    assert not tables(shop.root / "shop.duckdb")


def test_a_killed_dbt_is_an_error_of_what_it_had_not_ended(shop: Bench) -> None:
    write_shop(shop.root, FILES)
    ran = asyncio.run(until(shop, ITEMS, endless_started, lambda ran: os.kill(pid_of(ran), signal.SIGKILL)))
    assert ran.outcomes == {
        "model.shop.days": Outcome.SUCCESS,
        "model.shop.endless": Outcome.ERROR,
        "model.shop.below": Outcome.ERROR,
    }
    assert "killed by SIGKILL" in (ran.finished.message or "")
    assert ran.finished.retryable
    assert lost(ran) == {
        "model.shop.endless": Lost.UNKNOWN,
        "model.shop.below": Lost.UNDONE,
        None: Lost.UNKNOWN,
    }
    again = shop.run("model.shop.days")
    assert again.outcome is Outcome.SUCCESS and pid_of(again) != pid_of(ran)


COORDINATOR = """
import asyncio, os, signal, sys
from pathlib import Path
import msgspec
from penstock.integration import Intent, ItemStarted
from penstock_dbt.config import DbtConfig
from tests.unit.penstock_dbt_run.bench import Bench

async def main():
    root, environ, config = sys.argv[1:]
    bench = Bench(Path(root), msgspec.json.decode(environ), msgspec.json.decode(config, type=DbtConfig))
    step, attempt = bench.step("model.shop.days", "model.shop.slow", name="adopted")
    handle = await bench.runner.start(step, attempt, Intent())
    async for event in bench.runner.events(handle):
        if isinstance(event, ItemStarted) and event.item == "model.shop.slow":
            os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_another_coordinator_takes_over_and_nothing_is_left(mostly: Bench) -> None:
    write_shop(mostly.root, FILES)
    arguments = [str(mostly.root), json.dumps(mostly.environ), msgspec.json.encode(mostly.config).decode()]
    first = subprocess.run(
        [sys.executable, "-c", COORDINATOR, *arguments],
        cwd=Path(__file__).parents[3],
        check=False,
        timeout=120,
    )
    assert first.returncode == -signal.SIGKILL

    step, attempt = mostly.step("model.shop.days", "model.shop.slow", name="adopted")
    adopted = asyncio.run(mostly.follow(step, attempt))  # `start` finds what already runs
    assert adopted.outcomes == {"model.shop.days": Outcome.SUCCESS, "model.shop.slow": Outcome.SUCCESS}
    assert adopted.outcome is Outcome.SUCCESS
    started = [event.item for event in adopted.events if isinstance(event, ItemStarted)]
    assert started == ["model.shop.days", "model.shop.slow"], "from the beginning, and each once"
    pid = asyncio.run(external_pid(mostly, step, attempt))
    deadline = time.monotonic() + 120
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(pid), "a worker that nobody can talk to ends after its command"
    again = asyncio.run(mostly.follow(step, attempt))
    assert again.outcomes == adopted.outcomes, "an ended attempt is read again, not run again"


async def external_pid(bench: Bench, step: object, attempt: object) -> int:
    handle = await bench.runner.find(step, attempt, Intent())  # type: ignore[arg-type]  # of Bench.step
    assert handle is not None
    return int(str(handle.external["pid"]))


def test_what_was_never_started_is_not_found(shop: Bench) -> None:
    step, attempt = shop.step("model.shop.orders", name="never")
    assert asyncio.run(shop.runner.find(step, attempt, Intent())) is None


@pytest.mark.parametrize(("boot", "known"), [("", Lost.UNDONE), ("another", Lost.UNKNOWN)])
def test_what_was_written_down_but_never_told_was_not_done(shop: Bench, boot: str, known: Lost) -> None:
    """The coordinator died between writing down the worker and telling it. After a restart of the machine the events of what
    was told may be missing too."""
    ran = shop.run("seed.shop.people")
    step, attempt = shop.step("seed.shop.people", name="untold")
    folder = shop.folder(attempt)
    for name in ("request.json", "process.json"):
        (folder / name).write_bytes((ran.folder / name).read_bytes())
    if boot:
        request = Folder(folder).request()
        assert request is not None
        Folder(folder).write_request(msgspec.structs.replace(request, boot=boot))
    shop.close()
    shop.another_coordinator()
    found = asyncio.run(shop.follow(step, attempt))
    assert found.outcomes == {"seed.shop.people": Outcome.ERROR}
    assert lost(found) == {"seed.shop.people": known, None: Lost.UNKNOWN}


def lost(ran: Ran) -> dict[str | None, Lost]:
    ended = [event for event in ran.events if isinstance(event, ItemFinished | Finished)]
    return {getattr(event, "item", None): event.lost for event in ended if event.lost is not None}
