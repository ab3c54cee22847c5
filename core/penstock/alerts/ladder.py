"""Kinds of one trouble, the milder first: a wish that becomes a broken promise is one incident. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from penstock.alerts.problem import Problem
from penstock.store import AlertsKnown, Incident

_LADDERS = (
    ("fresh.at_risk", "fresh.warn", "fresh.fail"),
    ("schedule.missed", "schedule.failed"),
    ("check.failed", "asset.failed", "sync.failed"),
)
_KEPT = "fresh.at_risk"  # the promise is kept: whatever was told of it before is over

Key = tuple[str, str]
_One = TypeVar("_One", Incident, Problem)


def rank(kind: str) -> int:
    return next((ladder.index(kind) for ladder in _LADDERS if kind in ladder), 0)


def worst_first(found: Iterable[_One]) -> list[_One]:
    return sorted(found, key=lambda one: -rank(one.kind))


def heir_of(incident: Incident, present: Iterable[Problem]) -> Problem | None:
    """What an incident whose own problem is not there any more has become: worse, or milder and not over."""
    for problem in worst_first(present):
        milder = rank(problem.kind) < rank(incident.kind)
        if not _akin(problem.kind, incident.kind) or (milder and problem.kind == _KEPT):
            continue
        if _same(incident, problem):
            return problem
    return None


def _same(incident: Incident, problem: Problem) -> bool:
    """Two promises on one source are two troubles: that one is kept again is told, whatever becomes of the other. And all the promises
    of an incident that are broken by another source now were never kept meanwhile."""
    if not incident.kind.startswith("fresh."):
        return incident.cause == problem.cause
    before, after = set(incident.told.affected), set(problem.told.affected)
    return bool(before & after) if incident.cause == problem.cause else bool(before) and before <= after


def often(problem: Problem, known: AlertsKnown) -> int:
    """How many incidents of this trouble began within the hour and came so far."""
    return sum(
        number
        for (kind, cause), number in known.lately.items()
        if cause == problem.cause and _akin(kind, problem.kind) and rank(kind) >= rank(problem.kind)
    )


def _akin(one: str, other: str) -> bool:
    return one == other or any(one in ladder and other in ladder for ladder in _LADDERS)
