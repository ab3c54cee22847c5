"""When a rule lets an asset be built, of itself: on changes, at its times, while it is missing. Pure; guards are asked elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from math import inf

import msgspec

from penstock.assets import AssetKey
from penstock.automation.world import Built, Rule, Seen, Standing, World

_HOUR = 3600.0
_DAY = 86400.0

Names = Mapping[AssetKey, str]


class Due(msgspec.Struct, frozen=True):
    """When something may be built, before guards are asked."""

    at: float
    code: str
    reason: str


class Rulings:
    """Of one moment."""

    def __init__(self, world: World, names: Names) -> None:
        self.world = world
        self.names = names

    def due(self, asset: AssetKey, rule: Rule) -> Due | Standing:
        if rule.build == "change":
            return self._changed(asset, rule)
        if rule.build == "schedule":
            return self._scheduled(asset, rule)
        if rule.build == "missing":
            if asset in self.world.built:
                return Standing(code="same", reason="it was built", otherwise="only what was never built is")
            return Due(self.world.now, "missing", "never built")
        return _NOT_NEEDED

    def _changed(self, asset: AssetKey, rule: Rule) -> Due | Standing:
        world = self.world
        built = world.built.get(asset)
        changes = self._changes(asset, rule)
        if not changes:
            return _NEVER_BUILT if built is None else _SAME
        direct = set(world.reads.get(asset, ()))
        if rule.updates_on == "all" and asset not in changes and direct - changes.keys():
            return self._waits_for_all(direct - changes.keys())
        settled = (max(changes.values()) if rule.updates_on == "all" else min(changes.values())) + rule.settle
        after = built.ended_at + rule.after if built is not None and rule.after else 0.0
        reason = self._told(asset, changes)
        if after > max(settled, world.now):
            return Standing(
                code="build_after",
                reason=f"waits: build_after, due {clock(after)}; {reason}",
                at=after,
                otherwise="built then; earlier by hand",
            )
        if settled > world.now:
            return Standing(
                code="settle",
                reason=f"waits: settle until {clock(settled)}; {reason}",
                at=settled,
                otherwise="what changes until then is in the same plan",
            )
        return Due(max(settled, after), "change", reason)

    def _changes(self, asset: AssetKey, rule: Rule) -> dict[AssetKey, float]:
        """What it reads that is other than what it was made from, and since when; its own code under its own key. What was so
        before the rule was seen is no change, but for an asset that came under a rule which was there before."""
        world = self.world
        built, seen = world.built.get(asset), world.seen.get(asset) or Seen(mark="", since=world.now)
        if built is None:
            base = -inf if world.marks.get(rule.mark, seen.since) < seen.since else seen.since
        else:
            base = max(built.started_at, seen.since)
        found = {}
        for parent in world.reads.get(asset, ()):
            versions = world.versions.get(parent)
            if not versions or versions[-1].at <= base or not world.changed_since(parent, base):
                continue
            if built is None or world.token(parent, built.started_at) != world.token(parent, world.now):
                found[parent] = max(world.arrived(parent, base), seen.since)
        if built is not None and self._other_code(asset, built, seen):
            found[asset] = max(built.ended_at, seen.since)
        return found

    def _other_code(self, asset: AssetKey, built: Built, seen: Seen) -> bool:
        code = self.world.code.get(asset, "")
        if not code or not built.code or code == built.code:
            return False
        return built.started_at > seen.since or code != seen.code

    def _told(self, asset: AssetKey, changes: Mapping[AssetKey, float]) -> str:
        if asset in changes:
            return "its code changed"
        names = sorted(self.names.get(one, one.name) for one in changes)
        return "new data: " + ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")

    def _waits_for_all(self, missing: set[AssetKey]) -> Standing:
        names = sorted(self.names.get(one, one.name) for one in missing)
        return Standing(
            code="updates_on",
            reason=f"waits: new data of {', '.join(names[:3])} (updates_on: all)",
            otherwise="built when each table that it reads has new data",
        )

    def _scheduled(self, asset: AssetKey, rule: Rule) -> Due | Standing:
        world = self.world
        assert rule.ticks is not None
        built = world.built.get(asset)
        seen = world.seen.get(asset)
        since = max(seen.since if seen else world.now, built.started_at if built is not None else -inf)
        tick = _newest_until(rule, since, world.now)
        following = next(rule.ticks.after(world.now), None)
        if tick is None:
            return Standing(
                code="schedule",
                reason="waits for its time" if following else "its time never comes again",
                at=following,
                otherwise=f"built {rule.ticks.explain()}",
            )
        late = [one for one in world.reads.get(asset, ()) if not self._newer(one, tick)]
        waits = late if rule.wait_for == "all" else late and len(late) == len(world.reads.get(asset, ()))
        if rule.wait_for == "none" or not waits:
            return Due(tick, "schedule", f"its time has come ({clock(tick)})")
        names = sorted(self.names.get(one, one.name) for one in late)
        end = tick + rule.give_up
        if world.now >= end:
            return Standing(
                code="gave-up",
                reason=f"gave up {clock(end)}: {', '.join(names[:3])} is older than {clock(tick)}",
                at=following,
                otherwise="looked at again at its next time",
            )
        return Standing(
            code="wait_for",
            reason=f"waits: {', '.join(names[:3])} is older than {clock(tick)} (wait_for: {rule.wait_for})",
            at=end,
            otherwise=f"built when that is newer; given up {clock(end)}",
        )

    def _newer(self, asset: AssetKey, tick: float) -> bool:
        """Whether it was made, or verified, since."""
        built = self.world.built.get(asset)
        return max(self.world.as_of.get(asset, -inf), built.started_at if built else -inf) >= tick


_NOT_NEEDED = Standing(
    code="not-needed",
    reason="not needed: no freshness target below",
    otherwise="built when a promise on it, or on something below it, needs newer data",
)


_NEVER_BUILT = Standing(
    code="same",
    reason="never built, and nothing has changed since it came under this policy",
    otherwise="built when what it reads has new data; now with penstock run, or build: missing",
)
_SAME = Standing(
    code="same",
    reason="same code, same data as it was made from",
    otherwise="built when its code or the data that it reads changes",
)


def _newest_until(rule: Rule, after: float, now: float) -> float | None:
    """The newest tick in (after, now]. Looks back no further than needed."""
    assert rule.ticks is not None
    for back in (2 * _HOUR, 2 * _DAY, 40 * _DAY, 400 * _DAY):
        newest = None
        for tick in rule.ticks.after(max(after, now - back)):
            if tick > now:
                break
            newest = tick
        if newest is not None or now - back <= after:
            return newest
    return None


def clock(at: float) -> str:
    if at in (inf, -inf):
        return "never"
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
