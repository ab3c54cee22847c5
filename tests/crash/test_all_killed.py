"""Everything that a run has started is killed at once, at random moments, and the same `--key` is started again, as a
Kubernetes Job does. Nothing is lost, nothing is doubled, and every run ends well."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.unit import Unit
from tests.tools.postgres import PostgresServer, new_server

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("killed")]
ENDED = (0, 1)


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    server = new_server()
    server.start(fsync=False)
    yield server
    server.remove()


class Toll:
    """What came of it, over many runs."""

    def __init__(self) -> None:
        self.kills: Counter[str] = Counter()
        self.runs = self.looked = self.resumed = 0
        self.faults: list[str] = []

    def __str__(self) -> str:
        kills = ", ".join(f"{count} x {how}" for how, count in sorted(self.kills.items()))
        return (
            f"{self.runs} runs, killed {kills}; {self.resumed} resumed, {self.looked} waited for a look, "
            f"faults: {self.faults or 'none'}"
        )


class Suite:
    """`how` are the ways to die, by chance: all, coordinator, sigterm."""

    def __init__(self, unit: Unit, seed: int, how: tuple[str, ...]) -> None:
        self.unit = unit
        self.chance = random.Random(seed)
        self.how = how
        self.toll = Toll()
        self.seconds = 0.0
        self.unit.more()
        begun = time.monotonic()
        assert unit.run("build", "--key", "first") == 0, unit.said()
        self.seconds = time.monotonic() - begun
        self.toll.faults += unit.faults()

    def one(self, key: str) -> None:
        """One run, killed up to five times, until it has ended; then what it made is counted."""
        self.unit.more()
        for _ in range(self.chance.randint(1, 5)):
            how = self.chance.choice(self.how)
            code = self.die(self.unit.start("build", "--key", key), how)
            if code in ENDED:
                break
            self.toll.kills[how] += 1
        else:
            self.toll.resumed += 1
            code = self.unit.run("build", "--key", key)
        self.toll.runs += 1
        self.judge(key, code)

    def die(self, running: subprocess.Popen[bytes], how: str) -> int:
        try:
            code = running.wait(self.chance.uniform(0.05, 1.1) * self.seconds)
            self.seconds = max(1.5, self.seconds * 0.8)  # the machine is quicker now
            return code
        except subprocess.TimeoutExpired:
            self.seconds = min(120.0, self.seconds * 1.05)
        if how == "all":
            self.unit.kill_all(running)
        elif how == "coordinator":
            running.kill()
        else:
            running.send_signal(signal.SIGTERM)
            begun = time.monotonic()
            code = running.wait(60)
            if time.monotonic() - begun > 20:
                self.toll.faults.append(f"SIGTERM took {time.monotonic() - begun:.0f} s")
            return code
        return running.wait(10)

    def judge(self, key: str, code: int) -> None:
        unit, faults = self.unit, self.toll.faults
        if code and unit.waits_for_a_look():
            self.toll.looked += 1
            if unit.batches() == 0 and unit.run("retry") != 0:
                faults.append(f"{key}: the retry failed")
        elif code:
            faults.append(f"{key}: ended with {code}")
        elif unit.batches() != 1:
            faults.append(f"{key}: {unit.batches()} batches")
        faults += [f"{key}: {fault}" for fault in unit.faults()]
        if left := unit.left_over():
            faults.append(f"{key}: {len(left)} processes are left")

    def kill(self, kills: int, capsys: pytest.CaptureFixture[str]) -> None:
        number = 0
        try:
            while sum(self.toll.kills.values()) < kills and not self.toll.faults:
                number += 1
                self.one(f"run-{number}")
        finally:
            with capsys.disabled():
                print(f"\n  {self.toll}")
        assert self.toll.faults == [], self.unit.said()[-6000:]
        assert self.unit.run("store", "check") == 0, self.unit.said()[-3000:]


def seed() -> int:
    return int(os.environ.get("PENSTOCK_SEED", random.SystemRandom().randrange(10**6)))


def test_all_processes_die_a_few_times(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Suite(Unit(tmp_path / "unit"), 20261127, ("all",)).kill(2, capsys)


@pytest.mark.long
@pytest.mark.parametrize("postgres", [False, True])
@pytest.mark.parametrize(("how", "kills"), [("all", 100), ("coordinator", 50), ("sigterm", 25)])
def test_many_deaths(
    how: str,
    kills: int,
    postgres: bool,
    tmp_path: Path,
    server: PostgresServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = str(server.url()) if postgres else None
    Suite(Unit(tmp_path / "unit", store), seed(), (how,)).kill(
        int(os.environ.get("PENSTOCK_KILLS", kills)), capsys
    )
