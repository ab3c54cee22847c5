"""Broken inputs at every door: each is taken, or refused by an error of ours, within seconds. 100,000 of them with `long`."""

from __future__ import annotations

import contextlib
import io
import os
import random
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import click
import pytest

from tests.fuzz.doors import Door, Expected, doors
from tests.fuzz.mutate import mutated

FEW, MANY = 1_500, 100_000
_PATIENCE = 20  # seconds of CPU for one input: by the clock a busy machine is slow with all of them
_ASLEEP = 600  # seconds by the clock, for what waits and does not work


class Hang(BaseException):
    """One input took too long."""


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    def give_up(number: int, frame: FrameType | None) -> None:
        raise Hang

    before = {number: signal.signal(number, give_up) for number in (signal.SIGALRM, signal.SIGPROF)}
    signal.alarm(_ASLEEP)
    signal.setitimer(signal.ITIMER_PROF, _PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def nothing_to_read() -> Iterator[None]:
    """A command that reads stdin finds it empty."""
    before = sys.stdin
    with open(os.devnull, encoding="utf-8") as sys.stdin:  # noqa: PTH123
        yield
    sys.stdin = before


def broken(door: Door, number: int, seed: int) -> bytes:
    """The same input for the same numbers, always."""
    chance = random.Random(f"{seed}/{door.name}/{number}")
    return mutated(chance.choice(door.seeds), chance.choice(door.seeds), chance)


def entered(door: Door, data: bytes, folder: Path) -> str:
    """`taken`, `refused`, or what went wrong."""
    silence = io.StringIO()
    try:
        with bounded(), contextlib.redirect_stdout(silence), contextlib.redirect_stderr(silence):
            door.enter(data, folder)
    except Expected as told:
        message = str(told)  # the entry point shortens those of click
        return (
            "refused"
            if len(message) < 5_000 or isinstance(told, click.ClickException)
            else f"a message of {len(message)} characters"
        )
    except Hang:
        return "hangs"
    except BaseException as foreign:
        where = traceback.extract_tb(foreign.__traceback__)[-1]
        return f"{type(foreign).__name__} at {where.filename}:{where.lineno}: {str(foreign)[:150]}"
    return "taken"


def shares(every: tuple[Door, ...], total: int) -> dict[str, int]:
    """How many inputs each door gets: fewer where one is dear, but some everywhere."""
    weight = sum(1 / door.dear for door in every)
    found = {door.name: max(5, round(total / door.dear / weight)) for door in every}
    found[min(every, key=lambda door: door.dear).name] += max(0, total - sum(found.values()))
    return found


def run(total: int, seed: int, folder: Path) -> tuple[Counter[str], dict[str, str]]:
    """How many were taken and refused; and of each kind of what went wrong, one example."""
    every = doors(folder)
    counts: Counter[str] = Counter()
    wrong: dict[str, str] = {}
    for door in every:
        began = time.perf_counter()
        seen = Counter[str]()
        for number in range(shares(every, total)[door.name]):
            data = broken(door, number, seed)
            result = entered(door, data, folder)
            seen[result if result in ("taken", "refused") else "wrong"] += 1
            if result not in ("taken", "refused"):
                kind = f"{door.name}: {result.partition(': ')[0]}"
                wrong.setdefault(kind, f"{door.name} #{number} (seed {seed}): {result}\n    {data[:200]!r}")
        counts += seen
        seconds = time.perf_counter() - began
        print(f"  {door.name}: {dict(seen)}, {seconds:.1f} s")
    return counts, wrong


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    return tmp_path


def judged(total: int, seed: int, folder: Path) -> None:
    with warnings.catch_warnings(), nothing_to_read():
        warnings.simplefilter("ignore")
        counts, wrong = run(total, seed, folder)
    print(f"{sum(counts.values()):,} broken inputs: {dict(counts)}")
    assert not wrong, f"{len(wrong)} kinds of wrong:\n" + "\n".join(wrong.values())
    assert counts["refused"] > total / 10  # else nothing was broken


def test_good_examples_are_taken(folder: Path) -> None:
    """Else a door would refuse everything for a reason of the test's own."""
    for door in doors(folder):
        with nothing_to_read():
            found = {entered(door, seed, folder) for seed in door.seeds}
        assert "taken" in found, (door.name, found)
        assert found <= {"taken", "refused"}, (door.name, found)


def test_broken_inputs(folder: Path) -> None:
    judged(FEW, 1, folder)


@pytest.mark.long
def test_a_hundred_thousand_broken_inputs(folder: Path) -> None:
    judged(MANY, int(os.environ.get("FUZZ_SEED", "2")), folder)
