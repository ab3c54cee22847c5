"""What automation builds, when, and why not yet: pure, from the state of the data and never from an event.

An asset whose code and data are those that it was made from is never built. The same code and data are tried a few times, further
and further apart, and then no more. What is due at one time is one plan.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from math import inf

import msgspec

from penstock.assets import AssetKey
from penstock.automation.rulings import Names, Rulings, clock, span
from penstock.automation.wanted import Wanted, Ways, ancestors, needed_by, riding, wanted
from penstock.automation.world import Evaluated, Limits, Rule, Standing, World

LADDER = (300.0, 900.0, 3600.0)
_DAY = 86400.0
_HOUR = 3600.0
_SOON = 30.0


def evaluate(
    world: World,
    rules: Mapping[AssetKey, Rule],
    limits: Limits,
    names: Names,
    ways: Ways | None = None,
) -> Evaluated:
    """For one moment. `rules`: of the assets of `world.order`; without one nothing builds an asset but a promise below it."""
    found = _Evaluation(world, rules, limits, names)
    return found.whole(ways)


def key_at(world: World, asset: AssetKey, at: float, code: str) -> str:
    """The code and the data that a build at that time is made from."""
    tokens = [f"{one}={world.token(one, at)}" for one in world.reads.get(asset, ())]
    return hashlib.blake2b("\n".join([code, *tokens]).encode(), digest_size=8).hexdigest()


class _Evaluation:
    def __init__(self, world: World, rules: Mapping[AssetKey, Rule], limits: Limits, names: Names) -> None:
        self.world = world
        self.rules = rules
        self.limits = limits
        self.names = names
        self.rulings = Rulings(world, names)
        self.standing: dict[AssetKey, Standing] = {}
        self._shared: dict[tuple[str, str], tuple[Standing, Standing]] = {}
        self._lacking = False

    def whole(self, ways: Ways | None) -> Evaluated:
        for asset in self.world.order:
            self.standing[asset] = self._standing(asset, self.rules.get(asset) or Rule())
        self._demand(ways)
        timed = [(asset, one) for asset, one in self.standing.items() if one.at is not None]
        wave = self._along({asset for asset, one in timed if self._is_due(one)})
        due = min((one.at for _, one in timed if one.at is not None), default=None)
        if not wave or due is None:
            return Evaluated(standing=self.standing, due=due, lacking=self._lacking)
        hold = self._gate() or self._too_large(wave)
        if hold is not None:
            self._hold(wave, hold)
            return Evaluated(standing=self.standing, due=hold.at, lacking=self._lacking)
        return Evaluated(
            standing=self.standing,
            wave=tuple(asset for asset in self.world.order if asset in wave),
            due=self.world.now,
            lacking=self._lacking,
        )

    def _is_due(self, one: Standing) -> bool:
        return one.at is not None and one.at <= self.world.now and one.code in _BUILDS

    # ------------------------------------------------------------ one asset

    def _standing(self, asset: AssetKey, rule: Rule) -> Standing:
        if rule.build == "never":
            return Standing(code="never", reason="never built by itself", line=rule.line)
        due = self.rulings.due(asset, rule)
        if isinstance(due, Standing):
            return self._lined(due, rule.line) if rule.line else due
        held = self._held(asset, rule)
        if held is not None:
            return msgspec.structs.replace(held, line=rule.line)
        return Standing(code=due.code, reason=due.reason, at=due.at, line=rule.line)

    def _lined(self, standing: Standing, line: str) -> Standing:
        """Most stand as others under the same line: they share the record."""
        known = self._shared.get((standing.reason, line))
        if known is None or known[0] is not standing:
            said = msgspec.structs.replace(standing, line=line)
            known = self._shared[standing.reason, line] = standing, said
        return known[1]

    # ------------------------------------------------------------ what holds it back

    def _held(self, asset: AssetKey, rule: Rule) -> Standing | None:
        return self._tried(asset) or self._guarded(asset, rule)

    def _tried(self, asset: AssetKey) -> Standing | None:
        world = self.world
        tried = world.tried.get(asset)
        if tried is None or tried.ended_at <= world.released.get(asset, -inf):
            return None
        if tried.key != key_at(world, asset, world.now, world.code.get(asset, "")):
            return None
        more = "new data, new code, a build by hand, or penstock automation release"
        if tried.cancelled:
            return Standing(code="cancelled", reason="held: cancelled by a person", otherwise=more)
        if tried.times > len(LADDER):
            return Standing(
                code="failed",
                reason=f"held: {tried.times} builds of the same inputs: {tried.why}",
                otherwise=more,
            )
        again = tried.ended_at + LADDER[tried.times - 1]
        if again <= world.now:
            return None
        return Standing(
            code="retry",
            reason=f"waits: tried again {clock(again)} ({tried.times} of {len(LADDER) + 1}): {tried.why}",
            at=again,
            otherwise=more,
        )

    def _guarded(self, asset: AssetKey, rule: Rule) -> Standing | None:
        if rule.per_day is None or (today := self.world.builds_today.get(asset, 0)) < rule.per_day:
            return None
        return Standing(
            code="guard",
            reason=f"held: guard {today}/{rule.per_day} builds today",
            at=_midnight(self.world.now),
            otherwise="a new day (UTC), a higher guard, or a build by hand",
        )

    # ------------------------------------------------------------ promises

    def _demand(self, ways: Ways | None) -> None:
        """What promises need. An asset with a rule of its own goes along where the rule is not `never`."""
        held = self._holding()
        wants = wanted(self.world, self.rules, ways, held)
        going = riding(wants, self.world.now)
        late: dict[AssetKey, Standing] = {}
        standing = self.standing
        for asset, one in needed_by(self.world, wants).items():
            known = standing.get(asset)
            if known is None or known.code not in _OPEN:
                continue
            said = late.get(one.promised.asset)
            if said is None:
                said = late[one.promised.asset] = self._late(one)
            self._put(asset, said)
        for one in wants if held else ():
            for asset in () if one.far else ancestors(self.world.reads, one.promised.asset) & held.keys():
                self._put(asset, held[asset])
        for one in wants:
            if not one.far:
                self._say_wanted(one)
        for one in going:
            for asset in one.build:
                self._need(asset, one)

    def _holding(self) -> dict[AssetKey, Standing]:
        """Of what was tried or built lately, what may not be built now."""
        found = {}
        for asset in self.world.tried.keys() | self.world.builds_today.keys():
            one = self._held(asset, self.rules.get(asset) or Rule())
            if one is not None:
                found[asset] = one
        return found

    def _late(self, one: Wanted) -> Standing:
        shown = self.names.get(one.promised.asset, one.promised.asset.name)
        return Standing(
            code="late",
            reason=f"late by design: due {clock(one.start)} for {shown}, path p90 {span(one.takes)}",
            at=one.start,
            otherwise="built then, as late as is safe; earlier by hand",
        )

    def _say_wanted(self, one: Wanted) -> None:
        """How the assets that a promise needs stand shortly before its time."""
        if not one.build:
            asset = one.promised.asset
            self._lacking |= one.promised.deadline < inf
            if asset in self.standing and one.lacking is not None and one.promised.deadline < inf:
                old = self.names.get(one.lacking, one.lacking.name)
                self._put(asset, Standing(
                    code="no-newer",
                    reason=f"waits: building it would make it no newer; {old} is as old",
                    otherwise=f"built when {old} has newer data",
                ))  # fmt: skip
            return
        late = self._late(one)
        for asset in one.build:
            known = self.standing.get(asset)
            if known is not None and not (known.code == "late" and (known.at or 0.0) <= one.start):
                self._put(asset, late)

    def _put(self, asset: AssetKey, standing: Standing) -> None:
        """Where nothing else has a word on it."""
        if self.standing[asset].code in _OPEN:
            rule = self.rules.get(asset)
            said = rule.line if rule else ""
            self.standing[asset] = msgspec.structs.replace(standing, line=said) if said else standing

    def _need(self, asset: AssetKey, one: Wanted) -> None:
        known = self.standing.get(asset)
        if known is None or known.code == "never" or self._is_due(known) or known.code in HELD:
            return
        rule = self.rules.get(asset) or Rule()
        held = self._held(asset, rule)
        if held is None:
            shown = self.names.get(one.promised.asset, one.promised.asset.name)
            held = Standing(
                code="needed",
                reason=f"needed: {shown} is too old {clock(one.promised.deadline)}, path p90 {span(one.takes)}",
                at=min(one.start, self.world.now),
            )
        self.standing[asset] = msgspec.structs.replace(held, line=rule.line)

    # ------------------------------------------------------------ the plan

    def _along(self, wave: set[AssetKey]) -> set[AssetKey]:
        """What is built on changes reads what this plan makes: it goes along, and is left out when that did not change."""
        if not wave:
            return wave
        wave = wave | {
            asset for asset, one in self.standing.items() if one.code == "settle" and self._free(asset)
        }
        for asset in self.world.order:
            rule = self.rules.get(asset)
            if rule is None or rule.build != "change" or wave.isdisjoint(self.world.reads.get(asset, ())):
                continue
            if asset not in wave and not self._too_soon(asset, rule):
                self._go_along(wave, asset, rule)
        return wave

    def _go_along(self, wave: set[AssetKey], asset: AssetKey, rule: Rule) -> None:
        if self._held(asset, rule) is None:
            known = self.standing[asset]
            wave.add(asset)
            self.standing[asset] = Standing(
                code="change",
                reason="goes along: what it reads is made",
                at=self.world.now,
                otherwise=known.otherwise,
                line=known.line,
            )

    def _free(self, asset: AssetKey) -> bool:
        """Its changes were to be collected a little longer: they are in this plan too."""
        known, rule = self.standing[asset], self.rules.get(asset) or Rule()
        if self._held(asset, rule) is not None:
            return False
        self.standing[asset] = msgspec.structs.replace(known, code="change", at=self.world.now)
        return True

    def _too_soon(self, asset: AssetKey, rule: Rule) -> bool:
        if rule.updates_on == "all":
            return True
        built = self.world.built.get(asset) if rule.after else None
        return built is not None and built.ended_at + rule.after > self.world.now

    def _gate(self) -> Standing | None:
        """What keeps anything from starting now."""
        world, limits = self.world, self.limits
        if world.running is not None:
            return Standing(
                code="running",
                reason=f"waits: {world.running}",
                otherwise="looked at again when that has ended",
            )
        for quiet in limits.quiet:
            if (end := quiet.until(world.now)) is not None:
                why = f" ({quiet.reason})" if quiet.reason else ""
                return Standing(
                    code="quiet",
                    reason=f"waits: quiet until {clock(end)}{why}",
                    at=end,
                    otherwise="looked at then",
                )
        recent = sorted(at for at in world.runs if at > world.now - _HOUR)
        if limits.runs_per_hour is not None and len(recent) >= limits.runs_per_hour:
            at = recent[-limits.runs_per_hour] + _HOUR
            return Standing(
                code="guard",
                reason=f"held: guard {len(recent)}/{limits.runs_per_hour} runs in an hour",
                at=at,
                otherwise="looked at then; a higher guard",
            )
        if limits.cost_per_day is not None and world.cost_today >= limits.cost_per_day:
            return Standing(
                code="guard",
                reason=f"held: guard {world.cost_today:g}/{limits.cost_per_day:g} cost today",
                at=_midnight(world.now),
                otherwise="a new day (UTC), or a higher guard",
            )
        return None

    def _too_large(self, wave: set[AssetKey]) -> Standing | None:
        large = sum(asset not in self.world.views for asset in wave)
        if large <= self.limits.max_plan:
            return None
        last = max((self.world.runs[-1] if self.world.runs else -inf), -inf)
        if all(self.world.released.get(asset, -inf) > last for asset in wave):
            return None
        return Standing(
            code="max_plan",
            reason=f"held: a plan of {large} builds is above max_plan {self.limits.max_plan}",
            otherwise="penstock automation release, or a higher max_plan",
        )

    def _hold(self, wave: Sequence[AssetKey] | set[AssetKey], hold: Standing) -> None:
        for asset in wave:
            known = self.standing[asset]
            self.standing[asset] = msgspec.structs.replace(
                hold, line=known.line, reason=f"{hold.reason}; {known.reason}"
            )


_OPEN = frozenset({"not-needed", "late", "no-newer"})
_BUILDS = frozenset({"change", "schedule", "missing", "needed"})
HELD = frozenset({"guard", "failed", "cancelled", "max_plan"})


def _midnight(now: float) -> float:
    return (now // _DAY + 1) * _DAY
