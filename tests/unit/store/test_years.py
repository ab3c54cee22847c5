"""A store after years of use: 10,000 runs and 1,000,000 events. What people ask most often stays as quick as on the first day."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.perf.store import EVENTS, RUNS, fill

SQLALCHEMY = 0.22  # seconds of CPU to import it, on the machine of the budget
BUDGET = 0.5


def cpu(*command: str) -> float:
    """Seconds of CPU of a process; the best of three."""
    took = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(took)


@pytest.mark.long
def test_runs_and_status_are_quick_after_years(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (RUNS, RUNS * EVENTS) == (10_000, 1_000_000)
    (tmp_path / ".git").mkdir()
    (tmp_path / "penstock.yml").write_text(
        f"name: years\nstore: sqlite:///{tmp_path}/store.db\nenvironments: {{prod: {{}}}}\n"
    )
    fill(tmp_path)
    slowness = max(1.0, cpu("-c", "import sqlalchemy") / SQLALCHEMY)
    took = {
        name: cpu("-m", "penstock", "-C", str(tmp_path), "-e", "prod", name) for name in ("runs", "status")
    }
    with capsys.disabled():
        shown = ", ".join(f"{name} {seconds:.2f} s CPU" for name, seconds in took.items())
        print(f"\n  {shown}; this machine is {slowness:.1f} times as slow as that of the budget ({BUDGET} s)")
    assert max(took.values()) < BUDGET * slowness
