"""What automation knows of a project: graph, history and policies of the run store as one record. Decides nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import inf

import msgspec

from penstock.assets import Asset, AssetKey, AssetKind, Permission
from penstock.automation import AsOf, FreshnessState, judged
from penstock.automation.evaluate import key_at
from penstock.automation.policy import Policy
from penstock.automation.rules import rule_of
from penstock.automation.world import Built, Promised, Rule, Seen, Tried, Version, World
from penstock.run import plan_of
from penstock.service.freshness import FreshnessInputs
from penstock.service.ingesting import latest_outside
from penstock.service.workspace import Workspace
from penstock.store import DecisionRow, MadeRow, RunStore, SeenRow

POLICIES = "policies"
_DAY = 86400.0
_STARTS = 14 * _DAY
_NEVER_MADE = frozenset(
    {
        AssetKind.STREAM,
        AssetKind.EXPOSURE,
        AssetKind.METRIC,
        AssetKind.SEMANTIC_MODEL,
        AssetKind.SAVED_QUERY,
        AssetKind.ANALYSIS,
        AssetKind.EPHEMERAL,
        AssetKind.OPERATION,
    }
)


class Worlds:
    """Of one workspace as it is now. `codes` remembers what runs of the past knew, by run: it never changes."""

    def __init__(
        self,
        workspace: Workspace,
        estate: FreshnessInputs,
        store: RunStore,
        codes: dict[str, dict[AssetKey, str]],
    ) -> None:
        self.workspace = workspace
        self.estate = estate
        self.graph = estate.graph
        self.store = store
        self._codes = codes
        self._environment = workspace.project.environment
        self._decisions = store.decisions(self._environment)
        covered = frozenset().union(*(assets for _, _, assets in estate.covering))
        self.startable = frozenset(
            key
            for key in estate.shape.loaded
            if key not in covered and self._is_made_here(self.graph.assets[key])
        )
        self.order = tuple(key for key in self.graph.order if self._can_build(self.graph.assets[key]))
        self.views = estate.shape.through
        self.reads = self._reads()

    def _is_made_here(self, asset: Asset) -> bool:
        producer = self.graph.producers.get(asset.producer) if asset.producer else None
        return producer is not None and not producer.unrunnable and producer.permission is Permission.FREE

    def _can_build(self, asset: Asset) -> bool:
        if asset.kind in _NEVER_MADE or not self._is_made_here(asset):
            return False
        return asset.key not in self.estate.shape.loaded or asset.key in self.startable

    def _reads(self) -> dict[AssetKey, tuple[AssetKey, ...]]:
        """The tables behind what each asset reads; a view reads nothing: only its own code can change it."""
        behind: dict[AssetKey, tuple[AssetKey, ...]] = {}
        for key in self.graph.order:
            found: dict[AssetKey, None] = {}
            for parent in self.estate.shape.parents.get(key, ()):
                found.update(dict.fromkeys(behind.get(parent, ()) if parent in self.views else (parent,)))
            behind[key] = tuple(found)
        building = frozenset(self.order)
        return {
            key: () if key in self.views and key in building else parents for key, parents in behind.items()
        }

    def views_behind(self, wave: Iterable[AssetKey]) -> dict[AssetKey, tuple[AssetKey, ...]]:
        """The views that each reads through: they are free, and may have to be made first."""
        building, found = frozenset(self.order) & self.views, {}
        for key in wave:
            behind: dict[AssetKey, None] = {}
            waiting = [key]
            while waiting:
                for parent in self.estate.shape.parents.get(waiting.pop(), ()):
                    if parent in self.views and parent not in behind:
                        behind[parent] = None
                        waiting.append(parent)
            found[key] = tuple(view for view in reversed(behind) if view in building)
        return found

    def codes_through(self, keys: Iterable[AssetKey]) -> dict[AssetKey, str]:
        """The code of each with that of the views that it reads through: who mends such a view has mended what it made fail."""
        return {
            key: " ".join((self._code(key), *map(self._code, views)))
            for key, views in self.views_behind(keys).items()
        }

    def rules(self) -> dict[AssetKey, Rule]:
        """Raises ConfigError with the line of what contradicts itself."""
        settings = self.workspace.project.document.automation
        plain = Rule(settle=0.0, per_day=settings.guard.builds_per_day)
        policies: Mapping[AssetKey, Policy] = self.estate.policies
        read: dict[tuple[object, ...], Rule] = {}
        found = {}
        for key in self.order:
            policy = policies.get(key)
            if policy is None:
                found[key] = plain
                continue
            same = tuple((field.name, str(field.value), field.line) for field in policy.fields)
            if same not in read:
                read[same] = rule_of(policy, settings)
            found[key] = read[same]
        return found

    def seen(self, rules: Mapping[AssetKey, Rule], now: float, *, remember: bool) -> dict[AssetKey, Seen]:
        """Since when each is under its rule. What is new to it is, from now on: that is for the daemon to `remember`, for whoever only
        asks may have other files than the daemon."""
        known = self._decisions.seen()
        found, new = {}, []
        for key, rule in rules.items():
            if rule.build not in ("change", "schedule"):
                continue
            row = known.get(key)
            if row is None or row.mark != rule.mark:
                row = SeenRow(asset=key, mark=rule.mark, since=now, code=self._code(key))
                new.append(row)
            found[key] = Seen(mark=row.mark, since=row.since, code=row.code)
        if remember:
            self._decisions.look_at(new)
        return found

    def _code(self, key: AssetKey) -> str:
        asset = self.graph.assets[key]
        producer = self.graph.producers.get(asset.producer) if asset.producer else None
        return (producer.code_version if producer else None) or ""

    def world(self, rules: Mapping[AssetKey, Rule], *, running: str | None, remember: bool) -> World:
        estate, now = self.estate, self.estate.now
        seen = self.seen(rules, now, remember=remember)
        marks: dict[str, float] = {}
        for one in seen.values():
            marks[one.mark] = min(marks.get(one.mark, inf), one.since)
        built, versions = self._history()
        released = {row.asset: row.at for row in self._rows("released")}
        midnight = now // _DAY * _DAY
        clock = estate.clock()
        made = World(
            now=now,
            order=self.order,
            reads=self.reads,
            code={key: self._code(key) for key in self.order},
            versions=versions,
            built=built,
            as_of={key: _known(clock.at(key, now)) for key in self._tables()},
            builds_today=Counter(
                row.asset for row in estate.rows if not row.reused and row.ended_at >= midnight
            ),
            seen=seen,
            marks=marks,
            released=released,
            running=running,
            runs=self._runs(now),
            cost_today=self._cost(midnight),
            startable=self.startable,
            takes=estate.durations,
            promised=self._promised(),
            views=self.views,
        )
        return msgspec.structs.replace(made, tried=self._tried(made))

    def _tables(self) -> Iterable[AssetKey]:
        return (key for key in self.graph.order if key not in self.views and key in self.estate.shape.parents)

    def _rows(self, code: str) -> list[DecisionRow]:
        return self._decisions.of_code([code], since=self.estate.now - _STARTS)

    def _history(self) -> tuple[dict[AssetKey, Built], dict[AssetKey, list[Version]]]:
        built: dict[AssetKey, Built] = {}
        versions: dict[AssetKey, list[Version]] = {}
        newest: dict[AssetKey, MadeRow] = {}
        for row in self.estate.rows:
            newest[row.asset] = row
            if not row.reused:
                kept = versions.setdefault(row.asset, [])
                if not kept or kept[-1].token != row.version:
                    kept.append(Version(row.ended_at, row.version))
        for key, row in newest.items():
            code = self._code_then(row) if row.reused else row.code
            built[key] = Built(started_at=row.started_at, ended_at=row.ended_at, code=code)
        for key, other in latest_outside(self.workspace, self.graph, self.store).items():
            kept = versions.setdefault(key, [])
            if (not kept or kept[-1].at < other.at) and other.rows != 0:
                kept.append(Version(other.at, f"outside {other.at}"))
                began = other.at - (other.seconds or 0.0)
                built[key] = Built(started_at=began, ended_at=other.at)
        for same in self._rows("compared"):
            known = built.get(same.asset)
            if known is not None and same.at > known.started_at:
                built[same.asset] = Built(started_at=same.at, ended_at=known.ended_at, code=same.reason)
        return built, versions

    def _code_then(self, row: MadeRow) -> str:
        """The code with which a run found that an asset need not be made."""
        if row.run not in self._codes:
            items = plan_of(self.store, row.run).items
            self._codes[row.run] = {item.key: item.code_version or "" for item in items}
        return self._codes[row.run].get(row.asset, "")

    def _tried(self, world: World) -> dict[AssetKey, Tried]:
        """Of the code that there is now. The data is that of the end of the last try: what its own run loaded before is no reason for
        another one."""
        starts: dict[AssetKey, list[DecisionRow]] = {}
        for row in self._rows("started"):
            good = world.built.get(row.asset)
            if (good is None or row.at > good.started_at) and row.at > world.released.get(row.asset, -inf):
                starts.setdefault(row.asset, []).append(row)
        if not starts:
            return {}
        items, codes = self.store.latest_items(self._environment), self.codes_through(starts)
        over: dict[
            str, float
        ] = {}  # of each run: what was left out for a failure may have ended long before what it reads
        for one in items.values():
            over[one.run] = max(over.get(one.run, 0.0), one.ended_at or 0.0)
        found = {}
        for key, rows in starts.items():
            item, last = items.get(key), rows[-1]
            same = [row.key == key_at(world, key, row.at, codes[key]) for row in rows]
            if not same[-1]:
                continue
            ended = item.ended_at if item is not None and (item.ended_at or 0.0) >= last.at else None
            read = last.at if item is None or ended is None else over[item.run]
            message = (item.message or "").strip() if item is not None and ended is not None else ""
            found[key] = Tried(
                key=key_at(world, key, read, world.code.get(key, "")),
                times=sum(same),
                ended_at=ended or last.at,
                why=self.workspace.project.redact(message.splitlines()[0]) if message else "it was not made",
                cancelled=item is not None and ended is not None and item.state.value == "cancelled",
            )
        return found

    def _runs(self, now: float) -> list[float]:
        kept = self.store.automation(self._environment)
        ticks = kept.ticks(schedule=POLICIES, limit=200)
        return sorted(tick.decided_at for tick in ticks if tick.run_key and tick.decided_at > now - 3600)

    def _cost(self, midnight: float) -> float:
        if self.workspace.project.document.automation.guard.cost_per_day is None:
            return 0.0
        items, steps = self.store.spent_since(self._environment, midnight)
        del steps
        return sum(item.usage.money or 0.0 for item in items if item.usage is not None)

    def _promised(self) -> list[Promised]:
        found = []
        for asset, fresh in self.estate.promises().items():
            as_of = self.estate.clock(fresh).at(asset, self.estate.now)
            verdict = judged(fresh, as_of, self.estate.now)
            unknown = verdict.state is FreshnessState.UNKNOWN
            deadline = self.estate.now if unknown else self._deadline(asset, verdict.deadline)
            found.append(
                Promised(
                    asset=asset,
                    as_of=-inf if unknown else as_of.at,
                    deadline=deadline,
                    limit=fresh.warn or fresh.fail or inf,
                )
            )
        return found

    def _deadline(self, asset: AssetKey, deadline: float | None) -> float:
        policy = self.estate.policies.get(asset)
        if policy is not None and policy.get("build") == "never":
            return inf
        return inf if deadline is None else deadline


def _known(found: AsOf) -> float:
    """What is not known is older than anything."""
    return -inf if found.unknown is not None else found.at


def released_rows(keys: Iterable[AssetKey], at: float, by: str) -> list[DecisionRow]:
    return [DecisionRow(asset=key, at=at, code="released", reason=f"released by {by}") for key in keys]


def changed_rows(
    before: Mapping[AssetKey, DecisionRow], now: Mapping[AssetKey, DecisionRow]
) -> list[DecisionRow]:
    """Transitions only: what stands as it stood is not written again."""

    def same(one: DecisionRow, other: DecisionRow) -> bool:
        return (one.code, one.reason, one.line) == (other.code, other.reason, other.line)

    return [row for key, row in now.items() if key not in before or not same(before[key], row)]
