"""A thousand jobs of a server, supervised at one time by one coordinator."""

from __future__ import annotations

import asyncio
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from penstock.assets import ToolRef
from penstock.run import Coordinator, RunPolicy, create_run
from penstock.store import RunState, open_store
from tests.crash.outside import JobRunner, JobServer
from tests.tools.scripted import asset, plan

JOBS = 1000
SECONDS = 25.0


@pytest.fixture
def jobs() -> Iterator[JobServer]:
    server = JobServer()
    yield server
    server.shutdown()
    server.server_close()


def megabytes() -> float:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.long
def test_a_thousand_jobs_at_once_in_flat_memory(
    jobs: JobServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = plan(
        *(msgspec.structs.replace(asset(f"j{n}"), ref=ToolRef("job", "one", f"j{n}")) for n in range(JOBS))
    )
    store = open_store("sqlite:///store.db", root=tmp_path)
    coordinator = Coordinator(
        whole,
        store=store,
        run_id=create_run(store, whole).id,
        runner_for=lambda *_: JobRunner(jobs.port, lambda: None, seconds=SECONDS, poll=2.0),
        folder=tmp_path / "runs",
        policy=RunPolicy(),
    )
    seen: list[tuple[int, float]] = []

    async def watch() -> None:
        while True:
            await asyncio.sleep(1)
            seen.append((len(coordinator.remote_steps()), megabytes()))

    async def both() -> RunState:
        watching = asyncio.ensure_future(watch())
        result = await coordinator.run()
        watching.cancel()
        return result.state

    before, cpu = megabytes(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
    begun = time.monotonic()
    assert asyncio.run(both()) is RunState.SUCCEEDED
    supervised = [memory for count, memory in seen if count == JOBS]
    with capsys.disabled():
        print(
            f"\n  {JOBS} jobs at once for {len(supervised)} s of {time.monotonic() - begun:.0f} s: "
            f"{supervised[0] - before:.0f} MB for them, then {supervised[-1] - supervised[0]:+.1f} MB; "
            f"{resource.getrusage(resource.RUSAGE_SELF).ru_utime - cpu:.1f} s CPU, their server included"
        )
    assert len(supervised) >= 10
    assert max(supervised) - supervised[0] < 8
    assert sorted(jobs.done.values()) == [1] * JOBS
    assert len(jobs.triggers) == JOBS
    assert store.check() == []
    store.close()
