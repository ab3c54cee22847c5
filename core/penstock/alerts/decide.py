"""What becomes of incidents when one compares them with the problems that there are now: pure.

One root cause is one incident. It is opened once, told again when it gets worse or after `repeat`, and closed with a word when it
is over: what only became another kind of the same trouble goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from math import inf

import msgspec

from penstock.alerts.ladder import Key, heir_of, often, rank, worst_first
from penstock.alerts.problem import Problem
from penstock.assets import AssetKey
from penstock.store import AlertsDecided, AlertsKnown, Incident, IncidentSummary, Letter

_FLAPS = 3
_RANK = {"info": 0, "warn": 1, "page": 2}


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
    problems: Iterable[Problem],
    known: AlertsKnown,
    routes: Sequence[Routing],
    looked_at: Iterable[str],
    begun: float = inf,
) -> AlertsDecided:
    """`looked_at` are the kinds that were looked for: an incident of another kind stays as it is. `begun`: since when somebody watches
    (epoch seconds)."""
    now, kinds = known.now, frozenset(looked_at)
    present = {(one.kind, one.cause): one for one in problems}
    incidents: list[Incident] = []
    letters: list[Letter] = []
    news: list[Incident] = []
    going, gone = _compared(present, known.open)
    carried: dict[Key, tuple[str, ...]] = {}
    for incident, heir in gone:
        if incident.kind not in kinds:
            continue
        incidents.append(msgspec.structs.replace(incident, closed_at=now))
        letters += _closed(incident, heir, routes, now)
        if heir is None:
            news.append(incidents[-1])
        else:
            what = heir.kind, heir.cause
            carried[what] = (*carried.get(what, ()), *incident.told.channels)
    for what, problem in present.items():
        if what in going:
            found, told = _changed(going[what], problem, known, routes, carried.get(what, ()))
        else:
            found, told = _opened(problem, known, routes, begun)
        incidents += found
        letters += told
        if what not in going or told or any(one.kind != going[what].kind for one in found):
            news += found
    return AlertsDecided(incidents=tuple(incidents), letters=tuple(letters), news=tuple(news))


def _compared(
    present: Mapping[Key, Problem], opened: Sequence[Incident]
) -> tuple[dict[Key, Incident], list[tuple[Incident, Problem | None]]]:
    """The incidents that go on, each as which problem; and those that do not, with the one that they have joined, if any."""
    going = {(one.kind, one.cause): one for one in opened if (one.kind, one.cause) in present}
    gone: list[tuple[Incident, Problem | None]] = []
    for incident in worst_first(one for one in opened if (one.kind, one.cause) not in present):
        heir = heir_of(incident, present.values())
        if heir is not None and (heir.kind, heir.cause) not in going:
            going[heir.kind, heir.cause] = incident
        elif heir is None or rank(heir.kind) >= rank(incident.kind):
            gone.append((incident, heir))
    return going, gone


def _opened(
    problem: Problem, known: AlertsKnown, routes: Sequence[Routing], begun: float
) -> tuple[list[Incident], list[Letter]]:
    """What was there before one looked for the first time is no news. What comes and goes is said once."""
    now, before = known.now, often(problem, known)
    quiet = (known.first and problem.told.since < begun) or before >= _FLAPS
    told = problem.told
    if before == _FLAPS - 1 and not quiet:
        told = msgspec.structs.replace(
            told, title=f"{told.title} (comes and goes: not told again for an hour)"
        )
    identity = hashlib.sha256(f"{problem.kind}\n{problem.cause}\n{now}".encode()).hexdigest()[:12]
    letters = [] if quiet else _letters(identity, problem, told, routes, (), now)
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
    incident: Incident,
    problem: Problem,
    known: AlertsKnown,
    routes: Sequence[Routing],
    joined: tuple[str, ...],
) -> tuple[list[Incident], list[Letter]]:
    """`joined`: who was told of another incident that is part of this one now. Neither a first look nor a mute of the milder
    kind keeps back that it got worse; that it comes and goes does."""
    now = known.now
    problem = _going_on(incident, problem)
    risen = rank(problem.kind) > rank(incident.kind) and often(problem, known) < _FLAPS
    channels = tuple(dict.fromkeys((*incident.told.channels, *joined)))
    told = msgspec.structs.replace(problem.told, channels=channels)
    silent = not risen and (incident.quiet or (incident.muted_until or 0.0) > now)
    letters = [] if silent else _due(incident, problem, routes, risen, now)
    told = _told_to(told, letters)
    if told == incident.told and problem.kind == incident.kind and not letters:
        return [], []
    changed = msgspec.structs.replace(
        incident,
        kind=problem.kind,
        told=told,
        told_at=now if letters else incident.told_at,
        quiet=incident.quiet and not risen,
    )
    return [changed], letters


def _due(
    incident: Incident, problem: Problem, routes: Sequence[Routing], risen: bool, now: float
) -> list[Letter]:
    """What is told of an incident that goes on: that it got worse or affects more; and after `repeat`."""
    worse = risen or _RANK[problem.told.severity] > _RANK[incident.told.severity]
    more = len(problem.told.affected) > len(incident.told.affected)
    due = [
        route
        for route in routes
        if worse or more or (route.repeat is not None and now - (incident.told_at or 0.0) >= route.repeat)
    ]
    return _letters(incident.id, problem, problem.told, due, incident.told.channels, now)


def _going_on(incident: Incident, problem: Problem) -> Problem:
    """An incident stays as bad as it was until it is over, and began when it began: not when it was last tried."""
    told = msgspec.structs.replace(problem.told, since=min(problem.told.since, incident.told.since))
    if rank(problem.kind) >= rank(incident.kind):
        return msgspec.structs.replace(problem, told=told)
    severity = max(told.severity, incident.told.severity, key=_RANK.__getitem__)
    told = msgspec.structs.replace(told, kind=incident.kind, severity=severity)
    return msgspec.structs.replace(problem, kind=incident.kind, told=told)


def _closed(incident: Incident, heir: Problem | None, routes: Sequence[Routing], now: float) -> list[Letter]:
    """Whoever was told of it is told of its end, or of what it is part of now; in the digest, where they are told of such things
    in digests only."""
    told = incident.told if heir is None else msgspec.structs.replace(incident.told, why=heir.told.title)
    letters = []
    for channel in incident.told.channels:
        waits = [route.waits(now) for route in routes if route.reaches(incident.kind, channel)]
        digest_at = None if None in waits else min((at for at in waits if at is not None), default=None)
        letters.append(
            Letter(
                incident=incident.id,
                channel=channel,
                event="closed" if heir is None else "joined",
                told=told,
                digest_at=digest_at,
            )
        )
    return letters


def _told_to(told: IncidentSummary, letters: Sequence[Letter]) -> IncidentSummary:
    channels = dict.fromkeys((*told.channels, *(letter.channel for letter in letters)))
    return msgspec.structs.replace(told, channels=tuple(channels))


def _letters(
    incident: str,
    problem: Problem,
    told: IncidentSummary,
    routes: Sequence[Routing],
    before: Sequence[str],
    now: float,
) -> list[Letter]:
    """One for each channel, with the highest severity that a route gives it; at once, unless all its routes wait for a digest.
    `before`: the channels that know of it."""
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
            event = "updated" if channel in before else "opened"
            found[channel] = Letter(
                incident=incident, channel=channel, event=event, told=given, digest_at=waits
            )
    return list(found.values())
