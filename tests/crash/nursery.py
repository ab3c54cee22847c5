"""Coordinators in processes of their own that die at the Nth point where they may: `python -m tests.crash.nursery`.

One process imports everything once and forks a coordinator per line that it reads, so that a kill costs milliseconds.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from penstock.integration import AttemptKey, Runner
from penstock.run import Coordinator, HoldFn, RunPolicy, StepPolicy, plan_of
from penstock.store import open_store
from penstock.store.writer import Writer
from tests.crash.outside import ChildRunner, JobRunner, kill_children


class Fate:
    """Counts the points where this coordinator may die, and makes it die at one; with `everyone` all its children too."""

    def __init__(self, at: int | None, everyone: Path | None) -> None:
        self.at = at
        self.everyone = everyone
        self.passed = 0

    def __call__(self) -> None:
        self.passed += 1
        if self.passed == self.at:
            if self.everyone is not None:
                kill_children(self.everyone)
            os.kill(os.getpid(), signal.SIGKILL)


def mortal_writer(fate: Fate) -> None:
    """Before and after every commit is a point."""
    commit = Writer._transaction

    def _transaction(self: Writer, batch: Any, unsure: bool) -> Any:
        fate()
        results = commit(self, batch, unsure)
        fate()
        return results

    Writer._transaction = _transaction  # type: ignore[method-assign]


def work(order: dict[str, Any]) -> None:
    folder = Path(order["folder"])
    fate = Fate(order["die_at"], folder if order["everyone"] else None)
    mortal_writer(fate)
    store = open_store(order["store"], root=folder)

    def runner_for(
        integration: str, _instance: str, _hold: HoldFn, folder_of: Callable[[AttemptKey], Path]
    ) -> Runner:
        if integration == "job":
            return JobRunner(order["port"], fate)
        return ChildRunner(folder / "journal", folder_of, fate)

    coordinator = Coordinator(
        plan_of(store, order["run"]),
        store=store,
        run_id=order["run"],
        runner_for=runner_for,
        folder=folder / "runs",
        policy=RunPolicy(poll_seconds=0.2, step=StepPolicy(attempts=9, delay=0.01)),
    )
    result = asyncio.run(coordinator.run())
    (folder / "passed").write_text(str(fate.passed))
    os._exit(10 + result.exit_code)


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            work(json.loads(line))
        _pid, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    main()
