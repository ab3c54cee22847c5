"""A simulated week over large real projects: how often each policy builds, beside one wave for each sync."""

from __future__ import annotations

import pytest

from penstock.automation.simulate import Simulated
from penstock.automation.world import Limits
from tests.corpus.weeks import HOUR, Estate


def covered(found: Simulated) -> float:
    """The share of the runs that took no longer than predicted."""
    return sum(took <= predicted for predicted, took in found.predicted) / max(1, len(found.predicted))


def told(label: str, estate: Estate, found: Simulated, days: float) -> None:
    print(
        f"  {label:<28} {found.total / days:>9,.0f} builds a day, {found.total / days / len(estate.order):>6.1f} of each table,"
        f" {len(found.waves):>5} runs, predictions covered {covered(found):.0%}"
    )


@pytest.mark.parametrize(
    ("name", "connections", "days"),
    [
        ("tuva", 20, 1),
        pytest.param("tuva", 20, 7, marks=pytest.mark.long),
        pytest.param("spellbook_dex", 60, 7, marks=pytest.mark.long),
    ],
)
def test_promises_are_kept_with_a_fraction_of_the_builds(
    name: str, connections: int, days: int, capsys: pytest.CaptureFixture[str]
) -> None:
    estate = Estate(name, connections)
    eager = estate.per_sync(days)
    with capsys.disabled():
        print(f"\n{name}: one wave for each sync: {eager / days:,.0f} builds a day")
        for hours in (4.0, 24.0):
            found = estate.simulate(days=days, build="demand", lag=hours * HOUR)
            told(f"demand, promised {hours:.0f} h", estate, found, days)
            assert sum(kept.avoidable for kept in found.kept.values()) == 0.0
            assert all(kept.broken == 0.0 for kept in found.kept.values())
            assert found.total * 10 < eager
            if len(found.waves) >= 50:  # of few runs the share says nothing
                assert 0.80 <= covered(found) <= 0.95
            # No loop: what many promises share is built a few times for each span of a promise, never for each sync.
            assert max(sum(days_.values()) for days_ in found.builds.values()) <= days * 24 / hours * 4 + 2


@pytest.mark.long
def test_changes_are_collected_and_guards_hold(capsys: pytest.CaptureFixture[str]) -> None:
    estate = Estate("tuva", 20)
    limits = Limits(max_plan=100_000, runs_per_hour=2)
    with capsys.disabled():
        print()
        found = estate.simulate(days=0.5, build="change", settle=900.0, rows=0.5)
        told("change, settle 15 min", estate, found, 0.5)
        assert found.total * 2 < estate.per_sync(0.5)
        guarded = estate.simulate(days=0.5, build="change", settle=900.0, rows=0.5, limits=limits)
        told("the same, 2 runs an hour", estate, guarded, 0.5)
    starts = [at for at, _ in guarded.waves]
    assert max(sum(at - HOUR < other <= at for other in starts) for at in starts) == 2
    # Syncs that bring no rows build nothing at all.
    assert estate.simulate(days=1, build="change", settle=900.0, rows=0.0).total == 0
