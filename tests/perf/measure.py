"""CPU and wall seconds of whole processes, medians of a few: what the benches print. Measures; judges nothing."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_SET_CHILD_SUBREAPER = 36  # prctl(2)


def process(
    command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None, *, orphans: bool = False
) -> tuple[float, float]:
    """(CPU seconds, wall seconds) of one run, its children that ended included. Raises when it fails.

    `orphans`: what it leaves running is waited for and its CPU counted, once `adopt_orphans` was called.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - began
    if orphans:
        _wait_for_orphans()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, wall


def adopt_orphans() -> None:
    """From now on what a command leaves running becomes a child of this process."""
    import ctypes

    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1)


def _wait_for_orphans() -> None:
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return


def median(rounds: int, once: Callable[[], tuple[float, float]]) -> tuple[float, float]:
    """Medians of CPU and wall over some rounds."""
    found = [once() for _ in range(rounds)]
    return statistics.median(cpu for cpu, _ in found), statistics.median(wall for _, wall in found)


def clean_environ() -> dict[str, str]:
    """Bytecode is kept between runs, as for a user; no colour, no progress."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
