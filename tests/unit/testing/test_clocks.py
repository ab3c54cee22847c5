"""How two clocks are compared: a time is rather told too late than too early."""

from __future__ import annotations

import time
from itertools import accumulate

import pytest

from penstock.integration import clock_ahead


def test_what_an_answer_took_is_counted_to_it() -> None:
    assert clock_ahead(time.time) >= 0
    behind = clock_ahead(lambda: time.time() - 3600)
    assert behind >= 3600


@pytest.mark.parametrize(
    ("seconds", "asked"),
    [([0.1], 1), ([0.3] * 9, 3), ([0.3, 2.0, 0.1], 3), ([2.0, 2.0, 2.0, 2.0, 0.1], 5), ([2.0] * 20, 10)],
)
def test_an_answer_that_is_hardly_of_use_is_asked_for_again(seconds: list[float], asked: int) -> None:
    ticks = iter(accumulate((one for each in seconds for one in (0.0, each)), initial=0.0))
    next(ticks)
    answers: list[float] = []

    def now() -> float:
        answers.append(time.time())
        return answers[-1]

    clock_ahead(now, lambda: next(ticks))
    assert len(answers) == asked
