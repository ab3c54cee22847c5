"""A daemon in a process of its own, to be killed: its schedules come each second, and each tick makes a run in the store."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from penstock.automation import Daemon, Performed, Schedule
from penstock.automation.cron import EveryTicks
from penstock.run import create_run
from penstock.store import DaemonRow, RunStore, Tick, TickState, open_store
from tests.tools.scripted import asset, plan

ENVIRONMENT = "dev"
NAMES = ("a", "b", "c", "d")


def schedules() -> list[Schedule]:
    return [
        Schedule(name=name, words=("run",), text="run", ticks=EveryTicks(1.0, "1s"), missed="all")
        for name in NAMES
    ]


class Making:
    """What stands for a run here is its row: the run key is what keeps it single."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    def __call__(self, schedule: Schedule, tick: Tick, stopping: threading.Event) -> Performed:
        record = create_run(self._store, plan(asset("things")), command=schedule.name, key=tick.run_key)
        return Performed(state=TickState.ENDED, reason="made", run=record.id)


class Silent:
    def decided(self, tick: Tick, does: str) -> None: ...
    def back(self, away: float) -> None: ...
    def started(self, tick: Tick) -> None: ...
    def ended(self, tick: Tick, performed: Performed) -> None: ...
    def waiting(self, until: float | None, schedule: str | None, now: float) -> None: ...
    def standing_by(self, first: DaemonRow | None) -> None: ...
    def trouble(self, what: str) -> None:
        print(what, file=sys.stderr, flush=True)


def main(url: str, root: str) -> None:
    store = open_store(url, root=Path(root))
    daemon = Daemon(
        store.automation(ENVIRONMENT),
        f"daemon-{os.getpid()}",
        schedules=schedules,
        perform=Making(store),
        notices=Silent(),
    )
    signal.signal(signal.SIGTERM, lambda *_: daemon.stop())
    print("up", flush=True)
    daemon.run()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
