"""How long a plan takes, predicted from how long its steps took before: simulated histories of plans of all sizes."""

from __future__ import annotations

import random
import zlib

import pytest

from penstock.assets import AssetKey
from penstock.automation.wanted import paths_p90

RUNS = 20  # that are known of each step
PLANS, LATER = 50, 4


def took(chance: random.Random, usual: float) -> float:
    """Lognormal, with a heavy tail: one in twenty takes four times as long."""
    return usual * chance.lognormvariate(0, 0.35) * (4 if chance.random() < 0.05 else 1)


def longest(
    order: list[AssetKey], reads: dict[AssetKey, tuple[AssetKey, ...]], takes: dict[AssetKey, float]
) -> float:
    ends: dict[AssetKey, float] = {}
    for one in order:
        ends[one] = max((ends[above] for above in reads[one]), default=0.0) + takes[one]
    return max(ends.values())


@pytest.mark.parametrize(("width", "layers"), [(1, 3), (1, 20), (3, 6), (8, 8), (15, 10)])
def test_nine_plans_in_ten_take_no_longer_than_predicted(
    width: int, layers: int, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(zlib.crc32(f"{width} {layers}".encode()))
    order = [AssetKey("shop", f"m_{number}") for number in range(width * layers)]
    covered = 0
    for _ in range(PLANS):
        reads = {
            one: tuple(order[(number // width - 1) * width + chance.randrange(width)] for _ in range(2))
            if number >= width
            else ()
            for number, one in enumerate(order)
        }
        usual = {one: chance.uniform(5, 200) for one in order}
        known = {one: [took(chance, usual[one]) for _ in range(RUNS)] for one in order}
        predicted = paths_p90(order, reads, known)
        for _ in range(LATER):
            covered += longest(order, reads, {one: took(chance, usual[one]) for one in order}) <= predicted
    share = covered / (PLANS * LATER)
    with capsys.disabled():
        print(
            f"\n{layers} layers of {width}: {share:.0%} took no longer than the p90 that was predicted",
            end="",
        )
    assert 0.80 <= share <= 0.95


def test_the_same_history_gives_the_same_answer() -> None:
    order = [AssetKey("shop", f"m_{number}") for number in range(500)]
    reads = {one: tuple(order[max(0, number - 2) : number]) for number, one in enumerate(order)}
    known = dict.fromkeys(order, (3.0, 4.0, 9.0, 5.0))
    assert paths_p90(order, reads, known) == paths_p90(order, reads, known)
    # Steps that never differ need no chance, and a step of which little is known counts half more.
    assert paths_p90(order, reads, dict.fromkeys(order, (2.0,) * 5)) == 1000.0
    assert paths_p90(order[:1], reads, {order[0]: (2.0,)}) == 3.0
