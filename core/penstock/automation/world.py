"""What automation knows when it decides, and what it decides: records only. No clock, no store, no graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Literal

import msgspec

from penstock.assets import AssetKey
from penstock.automation.cron import Ticks

BuildWord = Literal["demand", "change", "schedule", "missing", "never"]
WaitFor = Literal["none", "any", "all"]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What may build an asset by itself, in seconds. `per_day`: builds in a day of UTC. `line` says where it stands."""

    build: BuildWord = "demand"
    settle: float = 120.0
    after: float = 0.0
    updates_on: Literal["any", "all"] = "any"
    per_day: int | None = None
    ticks: Ticks | None = None
    wait_for: WaitFor = "none"
    give_up: float = 6 * 3600.0
    line: str = ""

    @property
    def mark(self) -> str:
        """Differs when the rule differs in what builds: such a rule looks forward only."""
        return f"{self.build} {self.ticks.text if self.ticks else ''}".strip()


class Quiet(msgspec.Struct, frozen=True, kw_only=True):
    """Times at which nothing starts. `spans(now)`: the end of the span that holds now, or None."""

    starts: Ticks
    seconds: float
    reason: str = ""

    def until(self, now: float) -> float | None:
        begun = next(self.starts.after(now - self.seconds), None)
        return begun + self.seconds if begun is not None and begun <= now else None


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for all that automation starts in an environment. `max_plan`: builds of one plan."""

    runs_per_hour: int | None = None
    cost_per_day: float | None = None
    max_plan: int = 500
    quiet: tuple[Quiet, ...] = ()


class Version(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Since `at` an asset holds this data; two are compared by `token` alone."""

    at: float
    token: str


class Built(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The last time that an asset was made, or found to be what making it would give: it read its inputs at `started_at`."""

    started_at: float
    ended_at: float
    code: str = ""


class Tried(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How often automation started builds of an asset since it last came out well, all with this key."""

    key: str
    times: int
    ended_at: float
    why: str = "it did not come out well"
    cancelled: bool = False


class Seen(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Since when an asset is looked at under its rule, and the code that it had then: what was so before is no change."""

    mark: str
    since: float
    code: str = ""


class Promised(msgspec.Struct, frozen=True, kw_only=True):
    """A freshness promise on an asset. `deadline`: when the data that is there is too old (for warn, else for fail)."""

    asset: AssetKey
    as_of: float
    deadline: float
    limit: float
    only: frozenset[AssetKey] = frozenset()


class World(msgspec.Struct, frozen=True, kw_only=True):
    """`order`: the assets that can be built here, parents first. `reads`: the tables that each reads, views looked through.
    `as_of` of every table; `marks`: since when anything is under a rule of that mark. `startable`: loaded assets whose load may
    be started; `runs`: when automation started runs within the last hour."""

    now: float
    order: Sequence[AssetKey]
    reads: Mapping[AssetKey, tuple[AssetKey, ...]]
    code: Mapping[AssetKey, str]
    versions: Mapping[AssetKey, Sequence[Version]]
    built: Mapping[AssetKey, Built]
    as_of: Mapping[AssetKey, float] = {}
    tried: Mapping[AssetKey, Tried] = {}
    builds_today: Mapping[AssetKey, int] = {}
    seen: Mapping[AssetKey, Seen] = {}
    marks: Mapping[str, float] = {}
    released: Mapping[AssetKey, float] = {}
    running: str | None = None
    runs: Sequence[float] = ()
    cost_today: float = 0.0
    startable: frozenset[AssetKey] = frozenset()
    takes: Mapping[AssetKey, Sequence[float]] = {}
    promised: Sequence[Promised] = ()
    views: frozenset[AssetKey] = frozenset()

    def token(self, asset: AssetKey, at: float) -> str:
        """The data that it held at that time; `-` where nothing is known."""
        for version in reversed(self.versions.get(asset, ())):
            if version.at <= at:
                return version.token
        return "-"

    def changed_since(self, asset: AssetKey, at: float) -> bool:
        versions = self.versions.get(asset, ())
        return (
            bool(versions) and versions[-1].at > at and self.token(asset, at) != self.token(asset, self.now)
        )

    def arrived(self, asset: AssetKey, after: float) -> float:
        """When its data first became other than it was at that time."""
        was = self.token(asset, after)
        return next(
            (one.at for one in self.versions.get(asset, ()) if one.at > after and one.token != was), inf
        )


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How automation sees one asset: one reason, one next time, and what would change it. `at`: when it may be built (None: no
    time is known); `line`: the policy's."""

    code: str
    reason: str
    at: float | None = None
    otherwise: str = ""
    line: str = ""


class Evaluated(msgspec.Struct, frozen=True, kw_only=True):
    """`wave`: what one plan is to make, parents first; empty before `due`, which is None when nothing is to come. `lacking`: a promise waits
    for newer data."""

    standing: Mapping[AssetKey, Standing]
    wave: tuple[AssetKey, ...] = ()
    due: float | None = None
    lacking: bool = False
