"""A freshness promise and whether it is kept: ok, at risk, warn, fail, unknown. Pure; who made what is `freshness`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from math import inf, sqrt
from random import Random
from statistics import fmean, pvariance

import msgspec

from penstock.assets import AssetKey
from penstock.automation.cron import Ticks
from penstock.automation.freshness import AsOf

_WEEK = 8 * 86400.0
_DRAWS = 200
_DRAWN = 50  # steps; a longer path is near enough to a normal distribution
_FEW = 3
_Z90 = 1.2816


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """How old data may be, in seconds. `by`: looked at only at these times of day. `line` is its place in penstock.yml."""

    warn: float | None
    fail: float | None
    by: Ticks | None = None
    of: tuple[str, ...] = ()
    tested: bool = False
    text: str = ""
    line: str = ""


class FreshnessState(StrEnum):
    OK = "ok"
    AT_RISK = "at risk"
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        return list(FreshnessState).index(self)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`deadline`: when the data that is there now will be, or became, too old (for warn, else for fail). `due`: the data must
    be at least that new then. `ready`: when newer data is expected; None: nothing that is scheduled brings it."""

    state: FreshnessState
    as_of: float | None
    deadline: float | None = None
    ready: float | None = None


def last_and_next(by: Ticks, now: float) -> tuple[float | None, float | None]:
    """The last time of day until now, and the next one."""
    last = None
    for tick in by.after(now - _WEEK):
        if tick > now:
            return last, tick
        last = tick
    return last, None


def judged(fresh: Fresh, found: AsOf, now: float) -> Verdict:
    """Without a look ahead."""
    as_of = None if found.at == inf and found.unknown is not None else found.at
    for limit, state in ((fresh.fail, FreshnessState.FAIL), (fresh.warn, FreshnessState.WARN)):
        if limit is not None and as_of is not None and as_of < _needed(fresh, limit, now):
            return Verdict(state=state, as_of=as_of, deadline=deadline_of(fresh, limit, as_of, now))
    if found.unknown is not None:
        return Verdict(state=FreshnessState.UNKNOWN, as_of=as_of)
    limits = [limit for limit in (fresh.warn, fresh.fail) if limit is not None]
    deadline = min((deadline_of(fresh, limit, found.at, now) for limit in limits), default=inf)
    return Verdict(state=FreshnessState.OK, as_of=as_of, deadline=None if deadline == inf else deadline)


def _needed(fresh: Fresh, limit: float, now: float) -> float:
    """The oldest as_of that keeps the promise now."""
    if fresh.by is None:
        return now - limit
    last, _ = last_and_next(fresh.by, now)
    return -inf if last is None else last - limit


def deadline_of(fresh: Fresh, limit: float, as_of: float, now: float) -> float:
    """When this data is too old, or became so."""
    if as_of == inf:
        return inf
    if fresh.by is None:
        return as_of + limit
    return next((tick for tick in fresh.by.after(max(now - _WEEK, as_of)) if as_of < tick - limit), inf)


Covering = Sequence[tuple[str, Callable[[float], float | None], frozenset[AssetKey]]]
"""Schedules: name, the next time that one is due after a moment, and the assets that it makes."""


def ready_at(
    chain: Sequence[AssetKey], now: float, covering: Covering, samples: Mapping[AssetKey, Sequence[float]]
) -> tuple[float | None, AssetKey | None]:
    """When newer data will have come down the chain (its first is the source) with nine chances in ten; or the asset that
    nothing scheduled makes. What one schedule makes in a row is one path."""
    at, current = now, frozenset[AssetKey]()
    path: list[Sequence[float]] = []
    for asset in chain:
        if asset not in current:
            at, path = at + path_p90(path), []
            coming = [
                (due, assets) for _, after, assets in covering if asset in assets and (due := after(at))
            ]
            if not coming:
                return None, asset
            at, current = min(coming, key=lambda one: one[0])
        path.append(samples.get(asset, ()))
    return at + path_p90(path), None


def foreseen(verdict: Verdict, ready: float | None) -> Verdict:
    """The same with a look ahead: data that is not expected before the deadline is at risk."""
    state = verdict.state
    if (
        state is FreshnessState.OK
        and verdict.deadline is not None
        and (ready is None or ready > verdict.deadline)
    ):
        state = FreshnessState.AT_RISK
    return msgspec.structs.replace(verdict, state=state, ready=ready)


def path_p90(steps: Sequence[Sequence[float]]) -> float:
    """How long steps one after the other take with nine chances in ten, from how long each took before.

    Drawn, not added up: it is not likely that every step is slow at once. The same samples give the same answer.
    """
    known = [step for step in steps if len(step) >= _FEW]
    fixed = sum(max(step) * 1.5 for step in steps if 0 < len(step) < _FEW)
    if not known:
        return fixed
    if len(known) > _DRAWN:
        mean = sum(fmean(step) for step in known)
        return fixed + mean + _Z90 * sqrt(sum(pvariance(step) for step in known))
    chance = Random(len(known))
    draws = sorted(sum(chance.choice(step) for step in known) for _ in range(_DRAWS))
    return fixed + draws[int(0.9 * _DRAWS)]
