"""Freshness promises of a project: how old the data is, whose fault that is, and whether it will be in time. Reads only."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from math import inf

import msgspec

from penstock.assets import AssetKey, AssetKind, DeclaredPolicy, Permission
from penstock.automation import (
    Clock,
    Covering,
    Fresh,
    FreshnessState,
    Made,
    Shape,
    Verdict,
    foreseen,
    judged,
    path_p90,
    ready_at,
)
from penstock.automation.policy import Field, Policy, laid_over, promise_of
from penstock.automation.rules import refuse_contradictions
from penstock.errors import ConfigError, PenstockError, SelectionError, UnknownAsset, UsageError
from penstock.graph import AssetGraph
from penstock.service.choose import choose
from penstock.service.history import reading_store
from penstock.service.ingesting import latest_outside
from penstock.service.observe import GraphView
from penstock.service.owntimes import followed
from penstock.service.scheduled import CommandOf, covering, under_way
from penstock.service.workspace import Workspace
from penstock.store import MadeRow, Prediction, RunStore

_HISTORY = 60 * 86400.0
_SAMPLES = 50
_GOOD = frozenset({"success", "warn", "no_op", "reused"})
_THROUGH = frozenset(
    {
        AssetKind.VIEW,
        AssetKind.EPHEMERAL,
        AssetKind.EXPOSURE,
        AssetKind.METRIC,
        AssetKind.SEMANTIC_MODEL,
        AssetKind.SAVED_QUERY,
        AssetKind.ANALYSIS,
    }
)

_PLAIN = Fresh(warn=None, fail=None)


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A promise and how it stands. `chain` leads from the asset up to what its age comes from; `why` says it in words."""

    asset: AssetKey
    name: str
    fresh: Fresh
    verdict: Verdict
    age: float | None
    chain: tuple[AssetKey, ...]
    names: tuple[str, ...]
    why: str


class FreshnessInputs:
    """What freshness of one project stands on, read once: policies, history, schedules."""

    def __init__(
        self, workspace: Workspace, seen: GraphView, store: RunStore | None, command_of: CommandOf, now: float
    ) -> None:
        self.workspace = workspace
        self.graph = seen.graph
        self.now = now
        self.policies = policies(workspace, seen)
        self.rows, failed = _history(store, workspace.project.environment, now - _HISTORY)
        self._made = made(self.graph, self.rows, failed)
        _with_outside(workspace, self.graph, store, self._made)
        self.durations = durations(self.rows)
        static = frozenset(key for key, policy in self.policies.items() if policy.get("static"))
        self.shape = shape_of(self.graph, static)
        for key, builds in self._made.items():  # what was only ever made elsewhere took some time too
            self.durations.setdefault(key, [builds[-1].ended_at - builds[-1].started_at])
        begun = {key: builds[-1].started_at for key, builds in self._made.items()}
        if store is not None:
            _with_compared(store, workspace.project.environment, now - _HISTORY, self._made)
        self.covering = [*covering(workspace, seen, command_of), *followed(self.graph, begun)]
        self._ahead = (*self.covering, ("policies", lambda at: at, self._by_policy()))
        self._under_way = () if store is None else under_way(store, workspace, self.covering, now)
        self._clocks: dict[tuple[frozenset[AssetKey], bool], Clock] = {}

    def promises(self) -> dict[AssetKey, Fresh]:
        """Raises ConfigError where a promise contradicts itself."""
        timezone = self.workspace.project.document.automation.timezone
        found = {key: promise_of(policy, timezone) for key, policy in self.policies.items()}
        return {key: fresh for key, fresh in found.items() if fresh is not None}

    def kept(self, asset: AssetKey, fresh: Fresh) -> Kept:
        clock = self.clock(fresh)
        as_of = clock.at(asset, self.now)
        chain = clock.chain(asset, self.now)
        verdict = judged(fresh, as_of, self.now)
        policy = self.policies.get(asset)
        ahead = self.covering if policy is not None and policy.get("build") == "never" else self._ahead
        ready, lacking = self._ready(chain, ahead)
        if self.covering or verdict.state is not FreshnessState.OK:
            verdict = foreseen(verdict, ready)
        names = tuple(self.graph.names.shown(key) for key in chain)
        age = None if verdict.as_of is None else max(0.0, self.now - verdict.as_of)
        why = self._why(verdict, names, as_of.unknown, lacking) + self._never(fresh, chain)
        return Kept(
            asset=asset,
            name=names[0],
            fresh=fresh,
            verdict=verdict,
            age=age,
            chain=tuple(chain),
            names=names,
            why=why,
        )

    def expected(self, kept: Kept) -> float | None:
        """When newer data will have come, with nine chances in ten: as schedules bring it, else as late as `penstock up` may be."""
        ready, _ = self._ready(kept.chain, self.covering)
        if ready is not None or kept.verdict.ready is None:
            return ready
        return max(kept.verdict.ready, kept.verdict.deadline or 0.0)

    def _ready(self, chain: Sequence[AssetKey], ahead: Covering) -> tuple[float | None, AssetKey | None]:
        """By what is being made already, as long as that may still be in time; else by what is to come."""
        steps = self._made_here(chain)
        if self._under_way:
            ready, lacking = ready_at(steps, self.now, (*self._under_way, *ahead), self.durations)
            if ready is not None and ready >= self.now:
                return ready, lacking
        return ready_at(steps, self.now, ahead, self.durations)

    def arrived(self, one: Prediction, fresh: Fresh) -> Prediction | None:
        """With the moment at which newer data was there, if it is."""
        clock = self.clock(fresh)
        for moment in self._moments(one.asset, one.made_at):
            found = clock.at(one.asset, moment)
            if found.unknown is None and one.as_of < found.at < inf:
                return msgspec.structs.replace(one, arrived_at=moment)
        return None

    def _moments(self, asset: AssetKey, after: float) -> list[float]:
        """When the data of an asset may have become newer: a view's when anything above it was made."""
        found: set[float] = set()
        waiting, known = [asset], {asset}
        while waiting:
            key = waiting.pop()
            found.update(one.ended_at for one in self._made.get(key, ()) if after < one.ended_at <= self.now)
            above = self.shape.parents.get(key, ()) if key in self.shape.through else ()
            waiting += [one for one in above if one not in known]
            known.update(above)
        return sorted(found)

    def _by_policy(self) -> frozenset[AssetKey]:
        """What a promise below it lets `penstock up` build at any time. What a schedule loads comes at its times."""
        scheduled = frozenset().union(*(assets for _, _, assets in self.covering))
        return frozenset(
            key
            for key, asset in self.graph.assets.items()
            if (producer := self.graph.producers.get(asset.producer) if asset.producer else None) is not None
            and not producer.unrunnable
            and producer.permission is Permission.FREE
            and not (key in self.shape.loaded and key in scheduled)
            and not ((policy := self.policies.get(key)) is not None and policy.get("build") == "never")
        )

    def takes(self, chain: Sequence[AssetKey]) -> float:
        """How long the way down takes, in seconds, with nine chances in ten."""
        return path_p90([self.durations.get(key, ()) for key in self._made_here(chain)])

    def _never(self, fresh: Fresh, chain: Sequence[AssetKey]) -> str:
        """Said of a promise that cannot be kept: the way down alone takes longer."""
        takes = self.takes(chain)
        limit = fresh.fail if fresh.fail is not None else fresh.warn
        if limit is None or takes <= limit:
            return ""
        return f"; cannot be kept: this path takes {takes:.0f} s (p90), and {limit:.0f} s are promised"

    def _made_here(self, chain: Sequence[AssetKey]) -> list[AssetKey]:
        """The steps of the chain that something makes, the source first."""
        return [key for key in reversed(chain) if self.graph.assets[key].producer is not None]

    def clock(self, fresh: Fresh = _PLAIN) -> Clock:
        only = frozenset(self._named(name, fresh.line) for name in fresh.of)
        known = self._clocks.get((only, fresh.tested))
        if known is None:
            known = Clock(self.shape, self._made, only=only, tested=fresh.tested)
            self._clocks[only, fresh.tested] = known
        return known

    def _named(self, name: str, line: str) -> AssetKey:
        try:
            return self.graph.names.find(name).key
        except PenstockError as wrong:
            raise ConfigError(f"fresh.of: {wrong}", where=line) from None

    def _why(
        self, verdict: Verdict, names: Sequence[str], unknown: AssetKey | None, lacking: AssetKey | None
    ) -> str:
        source = names[-1]
        path = " <- ".join(names[1:]) or "itself"
        if unknown is not None:
            shown = self.graph.names.shown(unknown)
            return f"nothing is known of when {shown} was made" + (
                "" if shown == names[0] else f" (via {path})"
            )
        loaded = "loaded" if len(names) == 1 else f"because of {source}"
        words = "never gets old" if verdict.as_of == inf else loaded
        if len(names) > 2:
            words += f" ({path})"
        if (
            verdict.state in (FreshnessState.AT_RISK, FreshnessState.WARN, FreshnessState.FAIL)
            and lacking is not None
        ):
            words += f"; nothing that is scheduled makes {self.graph.names.shown(lacking)}"
        return words


def _history(
    store: RunStore | None, environment: str, since: float
) -> tuple[list[MadeRow], set[tuple[str, AssetKey]]]:
    """What was made or found to be as it should, oldest first; and which checks failed in which run."""
    if store is None:
        return [], set()
    rows = [*store.made(environment, since=since), *store.reused(environment, since=since)]
    return sorted(rows, key=lambda row: row.ended_at), store.failed_checks(environment, since=since)


def freshness(
    workspace: Workspace, seen: GraphView, command_of: CommandOf, chosen: frozenset[AssetKey] | None = None
) -> list[Kept]:
    """Every promise of the project, or of what is chosen, the worst first. Raises ConfigError, StoreError."""
    with reading_store(workspace) as store:
        now = store.automation(workspace.project.environment).now() if store else time.time()
        estate = FreshnessInputs(workspace, seen, store, command_of, now)
        found = [
            estate.kept(asset, fresh)
            for asset, fresh in estate.promises().items()
            if chosen is None or asset in chosen
        ]
    return sorted(found, key=lambda one: (-one.verdict.state.rank, one.name))


def policies(workspace: Workspace, seen: GraphView) -> dict[AssetKey, Policy]:
    """Every asset's policy. Raises ConfigError with the line of a selection that selects nothing or cannot be read."""
    project = workspace.project
    refuse_contradictions(project)
    chosen = []
    for at, policy in enumerate(project.document.policies):
        exclude = (policy.exclude,) if policy.exclude else ()
        try:
            found = choose(workspace, seen, (policy.select,), exclude).assets
        except (SelectionError, UnknownAsset, UsageError) as wrong:
            raise project.error(
                f"policy of '{policy.select}': {wrong.what}", ("policies", at, "select"), wrong.hint
            ) from None
        chosen.append((at, policy, frozenset(seen.graph.assets) if found is None else found))
    return laid_over(project, chosen, declared(seen.graph))


def declared(graph: AssetGraph) -> dict[AssetKey, DeclaredPolicy]:
    """What the tools' own files say."""
    return {
        key: producer.policy
        for key, asset in graph.assets.items()
        if asset.producer is not None
        and (producer := graph.producers.get(asset.producer)) is not None
        and producer.policy is not None
    }


def fields_of(workspace: Workspace, policy: Policy | None) -> tuple[Field, ...]:
    """All that holds for an asset: what its policy says, and what holds where none says otherwise, with the place of each."""
    said = policy.fields if policy is not None else ()
    return (*said, *_defaults(workspace, {one.name for one in said}))


def _defaults(workspace: Workspace, known: set[str]) -> list[Field]:
    project, settings = workspace.project, workspace.project.document.automation
    values: dict[str, tuple[object, tuple[str, ...]]] = {
        "build": ("demand", ()),
        "settle": (settings.settle, ("automation", "settle")),
        "guard.builds_per_day": (settings.guard.builds_per_day, ("automation", "guard", "builds_per_day")),
    }
    return [
        Field(
            name=name, value=value, line=project.place(path) if path and project.says(path) else "the default"
        )
        for name, (value, path) in values.items()
        if name not in known and value is not None
    ]


def shape_of(graph: AssetGraph, static: frozenset[AssetKey] = frozenset()) -> Shape:
    """What is loaded from outside: what has no parents but streams."""
    kinds = {key: asset.kind for key, asset in graph.assets.items()}
    streams = {key for key, kind in kinds.items() if kind is AssetKind.STREAM}
    parents = {
        key: tuple(parent for parent in above if parent not in streams and parent in kinds)
        for key, above in graph.upstream.items()
    }
    loaded = frozenset(
        key
        for key, kind in kinds.items()
        if not parents.get(key) and kind not in _THROUGH and key not in streams
    )
    return Shape(
        parents=parents,
        loaded=loaded,
        through=frozenset(key for key, kind in kinds.items() if kind in _THROUGH),
        timeless=static | frozenset(key for key, kind in kinds.items() if kind is AssetKind.SEED),
    )


def made(
    graph: AssetGraph, rows: Iterable[MadeRow], failed: set[tuple[str, AssetKey]]
) -> dict[AssetKey, list[Made]]:
    """What was made, per asset, oldest first."""
    untested = {
        (run, asset)
        for run, key in failed
        if (check := graph.checks.get(key)) is not None and check.severity.value == "error"
        for asset in check.assets
    }
    found: dict[AssetKey, list[Made]] = {}
    for row in rows:
        one = Made(
            started_at=row.started_at,
            ended_at=row.ended_at,
            window=row.window,
            tested=(row.run, row.asset) not in untested,
        )
        found.setdefault(row.asset, []).append(one)
    return found


def _with_outside(
    workspace: Workspace, graph: AssetGraph, store: RunStore | None, made: dict[AssetKey, list[Made]]
) -> None:
    """What was made elsewhere counts too: when it began, as far as that is told."""
    for key, other in latest_outside(workspace, graph, store).items():
        if other.status not in _GOOD or key not in graph.assets:
            continue
        builds = made.setdefault(key, [])
        if all(one.ended_at < other.at for one in builds):
            builds.append(Made(started_at=other.at - (other.seconds or 0.0), ended_at=other.at))


def _with_compared(store: RunStore, environment: str, since: float, made: dict[AssetKey, list[Made]]) -> None:
    """What a policy was to build and found to be as it would make it: looked at then, as by a run. Else it would be due again at once."""
    for row in store.decisions(environment).of_code(["compared"], since=since):
        if builds := made.get(row.asset):
            builds.append(Made(started_at=row.at, ended_at=row.at))
            builds.sort(key=lambda one: one.ended_at)


def durations(rows: Iterable[MadeRow]) -> dict[AssetKey, list[float]]:
    """How long each asset took, the last times."""
    found: dict[AssetKey, list[float]] = {}
    for row in rows:
        if not row.reused:
            found.setdefault(row.asset, []).append(max(0.0, row.ended_at - row.started_at))
    return {key: samples[-_SAMPLES:] for key, samples in found.items()}
