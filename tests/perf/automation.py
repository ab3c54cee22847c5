"""Automation: one evaluation of 10,000 assets, a commit by another process to the decision, and what an idle daemon takes.

Compares with the CPU of one pass over the same graph that only sums up a number per asset: the floor of any evaluation.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from penstock.assets import AssetKey
from penstock.automation import Daemon, Performed, Schedule
from penstock.automation.evaluate import evaluate
from penstock.automation.schedule import NoTicks
from penstock.automation.world import Built, Limits, Promised, Rule, Seen, Version, World
from penstock.store import DaemonRow, Tick, TickState, open_store
from tests.tools.postgres import binaries, new_server

ASSETS, ROUNDS, IDLE = 10_000, 9, 30.0


def estate(dirty: int) -> World:
    """Layers of 100 assets, each reading three of the layer above; `dirty` sources have new data."""
    keys = [AssetKey("bench", f"m_{number}") for number in range(ASSETS)]
    reads = {
        key: tuple(
            keys[number - 100 + offset]
            for offset in (0, 7, 31)
            if number >= 100 and number - 100 + offset < number
        )
        for number, key in enumerate(keys)
    }
    versions = {key: [Version(100.0, "1")] for key in keys}
    for key in keys[:dirty]:
        versions[key] = [Version(100.0, "1"), Version(900.0, "2")]
    order = keys[100:]
    return World(
        now=1000.0,
        order=order,
        reads=reads,
        code=dict.fromkeys(keys, "c"),
        versions=versions,
        built={key: Built(started_at=200.0, ended_at=210.0, code="c") for key in order},
        as_of=dict.fromkeys(keys, 100.0),
        seen={key: Seen(mark="change", since=0.0) for key in order},
        takes=dict.fromkeys(keys, (10.0, 11.0, 12.0)),
        promised=[Promised(asset=key, as_of=100.0, deadline=90_000.0, limit=90_000.0) for key in keys[-50:]],
    )


def evaluation() -> None:
    limits = Limits(max_plan=10**9)
    names: dict[AssetKey, str] = {}
    for label, build, dirty in (
        ("demand, 50 promises", "demand", 0),
        ("change, nothing new", "change", 0),
        ("change, all due", "change", 5),
    ):
        world = estate(dirty)
        rules = dict.fromkeys(world.order, Rule(build=build, settle=0.0, line="penstock.yml:9"))  # type: ignore[arg-type]
        taken, floor = [], []
        for _ in range(ROUNDS):
            began = time.process_time()
            found = evaluate(world, rules, limits, names)
            taken.append(time.process_time() - began)
            began = time.process_time()
            summed: dict[AssetKey, float] = {}
            for key in world.order:
                summed[key] = 1.0 + sum(summed.get(one, 0.0) for one in world.reads[key])
            floor.append(time.process_time() - began)
        mine, least = statistics.median(taken), statistics.median(floor)
        print(
            f"{label:<24} {mine * 1000:7.1f} ms CPU, {mine / least:4.1f}x one pass, {len(found.wave):,} due   (budget 50 ms)"
        )


class _Quiet:
    def decided(self, tick: Tick, does: str) -> None: ...
    def started(self, tick: Tick) -> None: ...
    def ended(self, tick: Tick, performed: Performed) -> None: ...
    def waiting(self, until: float | None, schedule: str | None, now: float) -> None: ...
    def standing_by(self, first: DaemonRow | None) -> None: ...
    def trouble(self, what: str) -> None: ...
    def back(self, away: float) -> None: ...


def dispatch() -> None:
    dispatched("sqlite", "sqlite:///a.db")
    if binaries() is None:
        print("a commit to its dispatch, postgres: no PostgreSQL on this machine")
        return
    server = new_server()
    server.start()
    try:
        dispatched("postgres", server.url())
    finally:
        server.remove()


def dispatched(name: str, url: str) -> None:
    """An event is committed by another connection: until the run that waits for it is performed. The first tells the schedule apart."""
    with tempfile.TemporaryDirectory() as folder:
        store, other = (open_store(url, root=Path(folder)) for _ in range(2))
        performed = threading.Event()
        waits = Schedule(name="bench", words=("run",), text="run", ticks=NoTicks(), on="bench")

        def perform(schedule: Schedule, tick: Tick, stopping: threading.Event) -> Performed:
            performed.set()
            return Performed(state=TickState.ENDED, reason="")

        daemon = Daemon(
            store.automation("dev"),
            "bench",
            schedules=lambda: [waits],
            perform=perform,
            notices=_Quiet(),
            commits=store.commits(),
        )
        thread = threading.Thread(target=daemon.run, daemon=True)
        thread.start()
        time.sleep(1.0)
        taken = []
        for number in range(ROUNDS):
            time.sleep(0.3)
            performed.clear()
            began = time.perf_counter()
            other.inbox("dev").receive("bench", str(number), "", "")
            performed.wait(10.0)
            taken.append(time.perf_counter() - began)
        daemon.stop()
        thread.join(5.0)
        print(
            f"a commit to its dispatch, {name:<9} {statistics.median(taken) * 1000:5.0f} ms, worst {max(taken) * 1000:.0f} ms   (budget 100 ms)"
        )
        other.close()
        store.close()


def idle() -> None:
    from tests.tools.loaded import make

    with tempfile.TemporaryDirectory() as folder:
        root = make(Path(folder) / "loaded")
        document = root / "penstock.yml"
        import json

        said = json.loads(document.read_text())
        said["policies"] = [{"select": "fast_things", "build": "change"}]
        document.write_text(json.dumps(said))
        subprocess.run(
            [sys.executable, "-m", "penstock", "run", "-s", "+fast_things"],
            cwd=root,
            capture_output=True,
            check=True,
        )
        daemon = subprocess.Popen([sys.executable, "-m", "penstock", "up", "--no-web", "-q"], cwd=root)
        time.sleep(20.0)
        before, rss = _taken(daemon.pid)
        time.sleep(IDLE)
        after, grown = _taken(daemon.pid)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(20)
        print(
            f"an idle daemon            {(after - before) / IDLE:.2%} of a core, {grown} MB ({grown - rss:+d} MB in {IDLE:.0f} s)   (budget 0.5 %)"
        )


def _taken(pid: int) -> tuple[float, int]:
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    ticks = os.sysconf("SC_CLK_TCK")
    return (int(stat[11]) + int(stat[12])) / ticks, pages * os.sysconf("SC_PAGE_SIZE") // 2**20


if __name__ == "__main__":
    evaluation()
    dispatch()
    idle()
