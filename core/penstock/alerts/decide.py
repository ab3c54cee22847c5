"""What becomes of incidents when one compares them with the problems that there are now: pure.

One root cause is one incident. It is opened once, told again when it gets worse or after `repeat`, and closed with a word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from penstock.assets import AssetKey
from penstock.store import AlertsDecided, AlertsKnown, Incident, Letter, Told

_FLAPS = 3
_RANK = {"info": 0, "warn": 1, "page": 2}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A root cause that there is now. `assets`: it and what it affects, for routes that select; `owners` of all of that, whose
    it is first."""

    kind: str
    cause: str
    told: Told
    assets: frozenset[AssetKey] = frozenset()
    owners: tuple[str, ...] = ()


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """A route with its selection resolved (None: everything). `owners`: the channels of each, where it tells owners too."""

    on: tuple[str, ...]
    to: tuple[str, ...]
    assets: frozenset[AssetKey] | None = None
    severity: str | None = None
    repeat: float | None = None
    owners: Mapping[str, Sequence[str]] = {}

    def channels(self, problem: Problem) -> tuple[str, ...]:
        theirs = (channel for owner in problem.owners for channel in self.owners.get(owner, ()))
        return tuple(dict.fromkeys((*self.to, *theirs)))

    def takes(self, problem: Problem) -> bool:
        kinds = any(fnmatchcase(problem.kind, pattern) for pattern in self.on)
        return kinds and (self.assets is None or not self.assets.isdisjoint(problem.assets))


def decide(
    problems: Iterable[Problem], known: AlertsKnown, routes: Sequence[Routing], looked_at: Iterable[str]
) -> AlertsDecided:
    """`looked_at` are the kinds that were looked for: an incident of another kind stays as it is."""
    now, kinds = known.now, frozenset(looked_at)
    present = {(one.kind, one.cause): one for one in problems}
    opened = {(one.kind, one.cause): one for one in known.open}
    incidents: list[Incident] = []
    letters: list[Letter] = []
    for what, problem in present.items():
        found, told = (
            _changed(opened[what], problem, routes, now)
            if what in opened
            else _opened(problem, known, routes, now)
        )
        incidents += found
        letters += told
    for what, incident in opened.items():
        if what not in present and incident.kind in kinds:
            incidents.append(msgspec.structs.replace(incident, closed_at=now))
            letters += _recovered(incident)
    return AlertsDecided(incidents=tuple(incidents), letters=tuple(letters))


def _opened(
    problem: Problem, known: AlertsKnown, routes: Sequence[Routing], now: float
) -> tuple[list[Incident], list[Letter]]:
    """What was there when one looked for the first time is no news. What comes and goes is said once."""
    before = known.lately.get((problem.kind, problem.cause), 0)
    quiet = known.first or before >= _FLAPS
    told = problem.told
    if before == _FLAPS - 1 and not quiet:
        told = msgspec.structs.replace(
            told, title=f"{told.title} (comes and goes: not told again for an hour)"
        )
    identity = hashlib.sha256(f"{problem.kind}\n{problem.cause}\n{now}".encode()).hexdigest()[:12]
    letters = [] if quiet else _letters(identity, problem, told, routes, "opened")
    incident = Incident(
        id=identity,
        kind=problem.kind,
        cause=problem.cause,
        told=_told_to(told, letters),
        opened_at=now,
        told_at=now if letters else None,
        quiet=quiet,
    )
    return [incident], letters


def _changed(
    incident: Incident, problem: Problem, routes: Sequence[Routing], now: float
) -> tuple[list[Incident], list[Letter]]:
    told = msgspec.structs.replace(problem.told, channels=incident.told.channels)
    if incident.quiet or (incident.muted_until or 0.0) > now:
        same = told == incident.told
        return ([] if same else [msgspec.structs.replace(incident, told=told)]), []
    worse = _RANK[told.severity] > _RANK[incident.told.severity]
    more = len(told.affected) > len(incident.told.affected)
    due = [
        route
        for route in routes
        if worse or more or (route.repeat is not None and now - (incident.told_at or 0.0) >= route.repeat)
    ]
    letters = _letters(incident.id, problem, problem.told, due, "updated")
    told = _told_to(told, letters)
    if told == incident.told and not letters:
        return [], []
    changed = msgspec.structs.replace(incident, told=told, told_at=now if letters else incident.told_at)
    return [changed], letters


def _recovered(incident: Incident) -> list[Letter]:
    """Whoever was told of it is told of its end."""
    return [
        Letter(incident=incident.id, channel=channel, event="closed", told=incident.told)
        for channel in incident.told.channels
    ]


def _told_to(told: Told, letters: Sequence[Letter]) -> Told:
    channels = dict.fromkeys((*told.channels, *(letter.channel for letter in letters)))
    return msgspec.structs.replace(told, channels=tuple(channels))


def _letters(
    incident: str, problem: Problem, told: Told, routes: Sequence[Routing], event: str
) -> list[Letter]:
    """One for each channel, with the highest severity that a route gives it."""
    found: dict[str, Letter] = {}
    for route in routes:
        if not route.takes(problem):
            continue
        severity = route.severity or told.severity
        for channel in route.channels(problem):
            known = found.get(channel)
            if known is None or _RANK[severity] > _RANK[known.told.severity]:
                given = msgspec.structs.replace(told, severity=severity)
                found[channel] = Letter(incident=incident, channel=channel, event=event, told=given)
    return list(found.values())
