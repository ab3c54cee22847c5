"""How long a plan takes when not all that is ready may run: against the best schedule there is, in imagined time."""

from __future__ import annotations

import random

import pytest

from tests.tools.makespan import large_plans, small_plans


@pytest.mark.long
def test_small_plans_are_within_five_percent_of_the_best_schedule(capsys: pytest.CaptureFixture[str]) -> None:
    ratios, exact = small_plans(random.Random(7), 50)
    with capsys.disabled():
        print(
            f"\n  50 plans: worst {max(ratios):.3f}x the best schedule; {exact} of them proven best by exact search"
        )
    assert max(ratios) <= 1.05
    assert exact >= 35


@pytest.mark.parametrize("widths", [(16,), pytest.param((4, 16), marks=pytest.mark.long)])
def test_large_plans_are_near_the_lower_bound(
    widths: tuple[int, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    worst = large_plans(random.Random(8), *widths)
    with capsys.disabled():
        print(f"\n  1,000 steps: worst {worst:.3f}x the lower bound")
    assert worst <= 1.3
