"""What a durable no-op step costs: CPU per step, peak memory, latency. `python -m tests.perf.engine [--postgres] [--peer]`."""

from __future__ import annotations

import argparse
import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from penstock.integration import AttemptKey, EventKind, Handle, Outcome, Step, StepEvent
from penstock.plan import Plan
from penstock.run import Coordinator, RunPolicy, create_run
from penstock.store import RunState, RunStore, open_store
from tests.tools.scripted import asset, plan


class Nothing:
    """A runner whose steps are done at once."""

    async def start(self, step: Step, attempt: AttemptKey) -> Handle:
        return Handle(attempt=attempt, external={"step": step.items[0].id})

    async def find(self, step: Step, attempt: AttemptKey) -> Handle | None:
        return None

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        now = time.time()
        yield StepEvent(
            kind=EventKind.ITEM_FINISHED,
            at=now,
            item=handle.external["step"],
            outcome=Outcome.SUCCESS,
            rows=1,
            seconds=0.0,
        )
        yield StepEvent(kind=EventKind.FINISHED, at=now, outcome=Outcome.SUCCESS)

    async def cancel(self, handle: Handle) -> None:
        pass

    async def close(self) -> None:
        pass


def layered(steps: int, wide: int = 500) -> Plan:
    """Layers of at most `wide` steps, three parents each."""
    wide = min(wide, max(1, steps // 10))
    items = []
    for number in range(steps):
        layer, place = divmod(number, wide)
        parents = {f"s{(layer - 1) * wide + (place + offset) % wide}" for offset in range(3)} if layer else set()
        items.append(asset(f"s{number}", *sorted(parents)))
    return plan(*items)


def measure(store: RunStore, steps: int, folder: Path, at_once: int | None) -> tuple[float, float]:
    """CPU and wall milliseconds per step, of everything: recording the plan, running it, the end."""
    whole = layered(steps)
    cpu, wall = time.process_time(), time.perf_counter()
    run = create_run(store, whole)
    coordinator = Coordinator(
        whole,
        store=store,
        run_id=run.id,
        runner_for=lambda *_: Nothing(),
        folder=folder,
        policy=RunPolicy(max_steps=at_once),
    )
    result = asyncio.run(coordinator.run())
    assert result.state is RunState.SUCCEEDED
    return (time.process_time() - cpu) / steps * 1000, (time.perf_counter() - wall) / steps * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--at-once", type=int, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store("sqlite:///store.db", root=Path(folder))
        for steps in options.steps:
            cpu, wall = measure(store, steps, Path(folder), options.at_once)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"sqlite    {steps:6d} steps  {cpu:6.3f} ms CPU  {wall:6.3f} ms wall per step, peak {peak:.0f} MB")
        store.close()


if __name__ == "__main__":
    sys.exit(main())
