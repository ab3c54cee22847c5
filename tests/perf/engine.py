"""What a durable step costs: CPU per no-op step, peak memory, latency. `python -m tests.perf.engine [--only sqlite ...]`.

Every measurement runs in a process of its own, and counts everything: recording the plan, running it, its end.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

from penstock.integration import (
    AttemptKey,
    BaseRunner,
    Finished,
    Handle,
    Intent,
    ItemFinished,
    Outcome,
    Runner,
    Step,
    StepEvent,
)
from penstock.plan import Plan
from penstock.run import Coordinator, FolderFn, HoldFn, RunPolicy, create_run
from penstock.run.executor import Executor, Remote
from penstock.run.executors import executor
from penstock.store import RunState, RunStore, open_store
from tests.support import ROOT
from tests.tools.cluster import Cluster
from tests.tools.environment import cache_folder, make_environment
from tests.tools.makespan import large_plans, small_plans
from tests.tools.postgres import binaries, new_server
from tests.tools.remote import runner as make_runner
from tests.tools.scripted import asset, plan

BUDGET = 0.5  # ms CPU per step on SQLite
TURNS = 3  # the best of them is shown: what else the machine does only ever adds
PARTS = ("sqlite", "postgres", "dagster", "dask", "makespan")
PEER = Path(__file__).with_name("peer.py")


class Nothing(BaseRunner):
    """A runner whose steps are done at once. `begun` is when the last one was started."""

    def __init__(self) -> None:
        self.begun = 0.0

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle:
        self.begun = time.perf_counter()
        return Handle(attempt=attempt, local=True, external={"step": step.items[0].id})

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | None:
        return None

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        now = time.time()
        yield ItemFinished(
            at=now,
            item=str(handle.external["step"]),
            outcome=Outcome.SUCCESS,
            rows=1,
            seconds=0.0,
        )
        yield Finished(at=now, outcome=Outcome.SUCCESS)

    async def cancel(self, handle: Handle) -> None:
        pass


def layered(steps: int, wide: int = 500) -> Plan:
    """Layers of at most `wide` steps, three parents each."""
    wide = min(wide, max(1, steps // 10))
    items = []
    for number in range(steps):
        layer, place = divmod(number, wide)
        parents = (
            {f"s{(layer - 1) * wide + (place + offset) % wide}" for offset in range(3)} if layer else set()
        )
        items.append(asset(f"s{number}", *sorted(parents)))
    return plan(*items)


def coordinator(
    whole: Plan, store: RunStore, folder: Path, runner: Nothing, at_once: int | None = None
) -> Coordinator:
    run = create_run(store, whole)
    policy = RunPolicy(max_steps=at_once)
    return Coordinator(
        whole, store=store, run_id=run.id, runner_for=lambda *_: runner, folder=folder, policy=policy
    )


def measure(store: RunStore, steps: int, folder: Path, at_once: int | None) -> tuple[float, float]:
    """CPU and wall milliseconds per step."""
    whole = layered(steps)
    cpu, wall = time.process_time(), time.perf_counter()
    result = asyncio.run(coordinator(whole, store, folder, Nothing(), at_once).run())
    assert result.state is RunState.SUCCEEDED
    return (time.process_time() - cpu) / steps * 1000, (time.perf_counter() - wall) / steps * 1000


def latency(store: RunStore, folder: Path) -> float:
    """Milliseconds from "this plan, please" to the first step's start, in a process that runs; the median of 15."""
    whole, took = plan(asset("a")), []

    async def once() -> None:
        runner, asked = Nothing(), time.perf_counter()
        await coordinator(whole, store, folder, runner).run()
        took.append((runner.begun - asked) * 1000)

    async def many() -> None:
        for _ in range(15):
            await once()

    asyncio.run(many())
    return statistics.median(took)


def child(url: str, steps: int, at_once: int | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(url, root=Path(folder))
        cpu, wall = measure(store, steps, Path(folder), at_once)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        wait = latency(store, Path(folder)) if steps <= 1000 else None
        store.close()
    print(json.dumps({"cpu": cpu, "wall": wall, "peak": peak, "latency": wait}))


def report(name: str, url: str, steps: int, at_once: int | None) -> None:
    command = [sys.executable, "-m", "tests.perf.engine", "--child", url, "--steps", str(steps)]
    command += ["--at-once", str(at_once)] if at_once else []
    turns = [
        json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
        for _ in range(TURNS)
    ]
    told = min(turns, key=lambda turn: turn["cpu"])
    verdict = ""
    if name == "sqlite":
        verdict = f"  budget {BUDGET}: {'kept' if told['cpu'] <= BUDGET else 'MISSED'}"
    print(
        f"{name:9} {steps:6,} steps  {told['cpu']:7.3f} ms CPU  {told['wall']:7.3f} ms wall per step  "
        f"peak {told['peak']:4.0f} MB{verdict}"
    )
    if told["latency"] is not None:
        print(f"{name:9} from a new plan to its first step's start: {told['latency']:.0f} ms (budget 100)")


def peer(steps: int) -> None:
    """Dagster's in-process executor on its own SQLite instance, in an environment of its own."""
    home = cache_folder() / "peer-dagster"
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        try:
            make_environment(home, ["dagster"])
        except (subprocess.CalledProcessError, FileNotFoundError):
            print("dagster cannot be installed here")
            return
        (home / "ready").touch()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [str(python), str(PEER), str(steps)],
            env={**os.environ, "DAGSTER_HOME": folder, "DAGSTER_DISABLE_TELEMETRY": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
    told = json.loads(done.stdout.splitlines()[-1])
    print(
        f"dagster   {steps:6,} steps  {told['cpu']:7.3f} ms CPU  {told['wall']:7.3f} ms wall per step  "
        f"peak {told['peak']:4.0f} MB  (version {told['version']}, in process)"
    )


def dask(steps: int) -> None:
    """What sending a step to a Dask cluster on this machine adds, with as many steps at a time as a worker has threads."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cluster = Cluster(folder, workers=1)
        took = {}
        for address in ("local", cluster.address):
            store = open_store(f"sqlite:///{address[:4]}.db", root=folder)
            settings = {"port": 0, "folder": name, "runs": name}
            chosen = executor(address, Remote(factory="tests.tools.remote:runner", settings=settings))
            whole = plan(*(asset(f"ok-{number}-0") for number in range(steps)))
            begun = Coordinator(
                whole,
                store=store,
                run_id=create_run(store, whole).id,
                runner_for=partial(_sent, chosen, settings),
                folder=folder,
                policy=RunPolicy(max_steps=8),
            )
            wall = time.perf_counter()
            assert asyncio.run(begun.run()).state is RunState.SUCCEEDED
            took[address[:4]] = (time.perf_counter() - wall) / steps * 1000
            store.close()
        cluster.close()
    print(
        f"dask      {steps:6,} steps  {took['dask'] - took['loca']:7.3f} ms wall per step more than {took['loca']:.3f} here"
    )


def _sent(
    chosen: Executor,
    settings: dict[str, Any],
    integration: str,
    instance: str,
    hold: HoldFn,
    folder: FolderFn,
) -> Runner | None:
    return chosen.runner(
        integration,
        instance,
        hold,
        folder,
        lambda: make_runner(settings, integration, instance, hold, folder),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--at-once", type=int, default=None, help="steps at a time; as many as are ready")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="default: all of it")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        child(options.child, options.steps[0], options.at_once)
        return
    if "sqlite" in options.only:
        for steps in options.steps:
            report("sqlite", "sqlite:///store.db", steps, options.at_once)
    if "postgres" in options.only and binaries() is not None:
        server = new_server()
        server.start()
        for steps in options.steps:
            report("postgres", server.url(), steps, options.at_once)
        server.remove()
    if "dagster" in options.only:
        peer(100)
    if "dask" in options.only:
        dask(200)
    if "makespan" in options.only:
        ratios, exact = small_plans(random.Random(7), 50)
        print(
            f"makespan: 50 small plans, worst {max(ratios):.3f}x the best schedule ({exact} proven); budget 1.05"
        )
        print(
            f"makespan: 1,000 steps, worst {large_plans(random.Random(8), 4, 16):.3f}x the lower bound; budget 1.3"
        )


if __name__ == "__main__":
    main()
