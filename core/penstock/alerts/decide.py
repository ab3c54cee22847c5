"""What becomes of incidents when one compares them with the problems that there are now: pure.

One root cause is one incident. It is opened once, told again when it gets worse or after `repeat`, and closed with a word.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

import msgspec

from penstock.assets import AssetKey
from penstock.store import AlertsDecided, AlertsKnown, Incident, IncidentSummary, Letter

_FLAPS = 3
_RANK = {"info": 0, "warn": 1, "page": 2}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A root cause that there is now. `assets`: it and what it affects, for routes that select; `owners` of all of that, whose
    it is first."""

    kind: str
    cause: str
    told: IncidentSummary
    assets: frozenset[AssetKey] = frozenset()
    owners: tuple[str, ...] = ()


class Routing(msgspec.Struct, frozen=True, kw_only=True):
    """A route with its selection resolved (None: everything). `owners`: the channels of each, where it tells owners too. `digest`: when,
    after a moment, what it tells goes out together."""

    on: tuple[str, ...]
    to: tuple[str, ...]
    assets: frozenset[AssetKey] | None = None
    severity: str | None = None
    repeat: float | None = None
    owners: Mapping[str, Sequence[str]] = {}
    digest: Callable[[float], float | None] | None = None

    def waits(self, now: float) -> float | None:
        return None if self.digest is None else self.digest(now)

    def reaches(self, kind: str, channel: str) -> bool:
        """Whether it may have told that channel of such an incident."""
        theirs = {one for channels in self.owners.values() for one in channels}
        return (channel in self.to or channel in theirs) and any(fnmatchcase(kind, one) for one in self.on)

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
            letters += _recovered(incident, routes, now)
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
    letters = [] if quiet else _letters(identity, problem, told, routes, "opened", now)
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
    letters = _letters(incident.id, problem, problem.told, due, "updated", now)
    told = _told_to(told, letters)
    if told == incident.told and not letters:
        return [], []
    changed = msgspec.structs.replace(incident, told=told, told_at=now if letters else incident.told_at)
    return [changed], letters


def _recovered(incident: Incident, routes: Sequence[Routing], now: float) -> list[Letter]:
    """Whoever was told of it is told of its end; in the digest, where they are told of such things in digests only."""
    letters = []
    for channel in incident.told.channels:
        waits = [route.waits(now) for route in routes if route.reaches(incident.kind, channel)]
        digest_at = None if None in waits else min((at for at in waits if at is not None), default=None)
        letters.append(
            Letter(
                incident=incident.id,
                channel=channel,
                event="closed",
                told=incident.told,
                digest_at=digest_at,
            )
        )
    return letters


def _told_to(told: IncidentSummary, letters: Sequence[Letter]) -> IncidentSummary:
    channels = dict.fromkeys((*told.channels, *(letter.channel for letter in letters)))
    return msgspec.structs.replace(told, channels=tuple(channels))


def _letters(
    incident: str, problem: Problem, told: IncidentSummary, routes: Sequence[Routing], event: str, now: float
) -> list[Letter]:
    """One for each channel, with the highest severity that a route gives it; at once, unless all its routes wait for a digest."""
    found: dict[str, Letter] = {}
    for route in routes:
        if not route.takes(problem):
            continue
        for channel in route.channels(problem):
            severity, waits = route.severity or told.severity, route.waits(now)
            known = found.get(channel)
            if known is not None:
                severity = max(severity, known.told.severity, key=_RANK.__getitem__)
                soon = waits is None or known.digest_at is None
                waits = None if soon else min(waits or 0.0, known.digest_at or 0.0)
            given = msgspec.structs.replace(told, severity=severity)
            found[channel] = Letter(
                incident=incident, channel=channel, event=event, told=given, digest_at=waits
            )
    return list(found.values())
