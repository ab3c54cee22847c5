"""An estate in several processes: the same is found, whoever is killed; and when they are worth their start."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from penstock.lineage.project.cache import LineageCache
from penstock.lineage.project.derive import derive, processes_that_pay
from tests.support import ROOT
from tests.unit.lineage.models import SOURCES, model


@pytest.mark.parametrize(
    ("deaths", "number"), [(0, signal.SIGKILL), (1, signal.SIGKILL), (2, signal.SIGTERM)]
)
def test_several_processes_find_the_same_also_when_some_are_killed(
    deaths: int, number: signal.Signals, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.unit.lineage.split", str(tmp_path), str(deaths), str(int(number))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, ""), "the end of a process is told by the one that asks"
    names = sorted(path.name.split()[0] for path in tmp_path.iterdir())
    assert names == ["death"] * deaths + ["reader"] * 2, "both have worked"


def test_processes_are_for_large_estates() -> None:
    large = [model("m", "x" * 5_000_000)]
    assert processes_that_pay([model("m", "select 1")], at_most=8) == 1
    assert processes_that_pay(large, at_most=8) == 2
    assert processes_that_pay(large, at_most=1) == 1


def test_what_is_kept_needs_no_process() -> None:
    letters = "x" * 2_000_000
    models = [model(f"m{at}", f"select '{letters}{at}' as v") for at in range(3)]
    cache = LineageCache()
    derive(models[:2], SOURCES, cache=cache)
    again = LineageCache(cache.dump())
    assert processes_that_pay(models, 8) == 3
    assert processes_that_pay(models, 8, again) == 1
