"""What the benches of catalogs share: parts that are processes of their own, and their costs told as the budgets are worded."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_TOLD = "told "


class Cost(NamedTuple):
    """Of one process: CPU and wall seconds, the most memory it had, and how many statements or requests it sent."""

    cpu: float
    wall: float
    megabytes: float
    asked: int


def measured(part: Sequence[str], asked: Callable[[], int] | None = None) -> Cost:
    """One run of a module with its arguments, which ends with `tell`. `asked`: how many the server has answered so far."""
    before = asked() if asked is not None else 0
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", *part], stdout=subprocess.PIPE, text=True)
    said = process.stdout.read() if process.stdout is not None else ""
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(part)} failed: {said[-2000:]}")
    (told,) = (line for line in said.splitlines() if line.startswith(_TOLD))
    peak, sent = map(int, told.removeprefix(_TOLD).split())
    if asked is not None:
        sent = asked() - before
    return Cost(used.ru_utime + used.ru_stime, wall, peak / 1024, sent)


def tell(sent: int = 0) -> None:
    """At the end of a part: its own peak (what getrusage() tells counts the memory of the process that started it), and what it
    has sent, where it counts that itself."""
    status = Path("/proc/self/status").read_text()
    peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    print(f"{_TOLD}{peak} {sent}")


def counting(connect: Callable[..., object], sent: list[int]) -> Callable[..., object]:
    """The same function, whose connections (and their cursors) count in `sent` what they execute."""

    class Counted:
        def __init__(self, connection: object) -> None:
            self._connection = connection

        def execute(self, *statement: object) -> object:
            sent[0] += 1
            return getattr(self._connection, "execute")(*statement)  # noqa: B009  # of whatever type it is

        def cursor(self) -> Counted:
            return Counted(getattr(self._connection, "cursor")())  # noqa: B009

        def __enter__(self) -> Counted:
            return self

        def __exit__(self, *raised: object) -> None:
            getattr(self._connection, "close")()  # noqa: B009

        def __getattr__(self, name: str) -> object:
            return getattr(self._connection, name)

    return lambda *given, **named: Counted(connect(*given, **named))


def report(warehouse: str, costs: Mapping[str, Cost], *, what: str) -> None:
    """`costs` of `client` (the same result through the client alone, dropped), `first` and `second`, of an unchanged warehouse."""
    client, first, second = (costs[name] for name in ("client", "first", "second"))
    for name, cost in costs.items():
        print(
            f"{name}: {cost.cpu:.2f} s CPU, {cost.wall:.2f} s wall (start of Python included), peak {cost.megabytes:.0f} MB,"
            f" {cost.asked} {what}"
        )
    print(f"{warehouse}, CPU: {first.cpu / client.cpu:.2f} of the client alone (budget 2)")
    print(
        f"{warehouse}, peak memory: {first.megabytes:.0f} MB (budget 300 at 100,000 tables); the client alone"
        f" {client.megabytes:.0f}, ours on top {first.megabytes - client.megabytes:.0f}"
    )
    print(
        f"{warehouse}, {what}: {first.asked} at first, {second.asked} when unchanged ({second.cpu:.2f} s CPU); client alone {client.asked}"
    )
