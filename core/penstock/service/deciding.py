"""The policies of a project at work: one schedule whose times and builds follow from the state of the data."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from penstock.assets import AssetKey
from penstock.automation import Perform, Performed, Schedule
from penstock.automation.evaluate import evaluate, key_at
from penstock.automation.rules import limits_of, refuse_contradictions
from penstock.automation.wanted import Ways
from penstock.automation.world import Evaluated, Rule, World
from penstock.errors import PenstockError
from penstock.service.freshness import FreshnessInputs, declared
from penstock.service.observe import look
from penstock.service.scheduled import CommandOf
from penstock.service.unattended import Unattended, explained
from penstock.service.workspace import Workspace
from penstock.service.world import POLICIES, Worlds, changed_rows
from penstock.store import DecisionRow, RunStore, Tick, TickState

_EVERY = 30.0
_WHILE_RUNNING = 5.0  # nothing starts then; `why` may be that old
_DOUBTED = 5.0
_ANY_TIME = 1e9
_NEVER = 1e12
_SHOWN = 6


class PolicyTicks(msgspec.Struct, frozen=True, kw_only=True):
    """The one time at which something is due; it moves with the data."""

    start: float
    text: str = "the policies of penstock.yml"

    def after(self, at: float) -> Iterator[float]:
        return iter((self.start,) if self.start > at and self.start < _NEVER else ())

    def explain(self) -> str:
        return "when a policy needs it"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One evaluation. `snapshot`: of which graph and policies; `views`: those that an asset of the wave reads through, and `codes`:
    its own and theirs."""

    world: World
    evaluated: Evaluated
    names: Mapping[AssetKey, str]
    rules: Mapping[AssetKey, Rule]
    snapshot: str
    views: Mapping[AssetKey, tuple[AssetKey, ...]] = {}
    codes: Mapping[AssetKey, str] = {}

    @property
    def now(self) -> float:
        return self.world.now

    def key(self, asset: AssetKey, at: float) -> str:
        """The code, and the data at that time, that it would be made from."""
        return key_at(self.world, asset, at, self.codes.get(asset, ""))

    def rows(self) -> dict[AssetKey, DecisionRow]:
        return {
            key: DecisionRow(
                asset=key,
                at=self.now,
                code=one.code,
                reason=one.reason,
                until=one.at,
                otherwise=one.otherwise,
                line=one.line,
                snapshot=self.snapshot,
            )
            for key, one in self.evaluated.standing.items()
        }


def has_policies(workspace: Workspace) -> bool:
    """Whether anything may be built by policy: a promise is, unless it says `build: never`. What tools' own files declare counts once
    penstock.yml has a part `automation`."""
    project = workspace.project
    if any(policy.build != "never" for policy in project.document.policies if _acts(policy)):
        return True
    return project.says(("automation",)) and bool(declared(look(workspace).graph))


def check(workspace: Workspace) -> None:
    """Raises ConfigError with the line of policies and hours that contradict themselves. What they select is looked at later."""
    refuse_contradictions(workspace.project)
    limits_of(workspace.project)


def _acts(policy: object) -> bool:
    return any(getattr(policy, name) is not None for name in ("fresh", "build", "build_after"))


def decision(
    workspace: Workspace,
    store: RunStore,
    command_of: CommandOf,
    codes: dict[str, dict[AssetKey, str]],
    *,
    heed_runs: bool = True,
    may_call: bool = False,
    doubted: bool = False,
    remember: bool = False,
) -> Decision:
    """Without `heed_runs`: as if no run of automation went on. `may_call`: parts that are too old are observed again, and when `doubted` all
    that only a call can tell. `remember`: what is seen under a rule for the first time is recorded. Raises ConfigError, StoreError."""
    kept = store.automation(workspace.project.environment)
    estate = FreshnessInputs(
        workspace,
        # A run asks for itself what it needs: nothing is to wait here for tools that take seconds.
        look(workspace, may_call=may_call, doubted=doubted, spared=lambda name: True),
        store,
        command_of,
        kept.now(),
    )
    worlds = Worlds(workspace, estate, store, codes)
    rules = worlds.rules()
    going = (
        next((tick for tick in kept.open_ticks() if tick.schedule == POLICIES), None) if heed_runs else None
    )
    running = None if going is None else "its run of automation goes on"
    world = worlds.world(rules, running=running, remember=remember)
    names = {key: estate.graph.names.shown(key) for key in estate.graph.order}
    ways = Ways(world.order, world.reads, world.takes, world.views)
    found = evaluate(world, rules, limits_of(workspace.project), names, ways)
    file = workspace.project.file
    said = hashlib.sha256(file.read_bytes() if file else b"").hexdigest()[:8]
    return Decision(
        world=world,
        evaluated=found,
        names=names,
        rules=rules,
        views=worlds.views_behind(found.wave),
        codes=worlds.codes_through(found.wave),
        snapshot=f"{estate.graph.hash[:12]} {said}",
    )


class Policies:
    """Evaluated whenever something was recorded, when something becomes due, and each half minute. What is wrong is told once,
    and nothing starts meanwhile."""

    def __init__(
        self, workspace: Workspace, store: RunStore, command_of: CommandOf, trouble: Callable[[str], None]
    ) -> None:
        self._workspace = workspace
        self._store = store
        self._decisions = store.decisions(workspace.project.environment)
        self._inbox = store.inbox(workspace.project.environment)
        self._command_of = command_of
        self._trouble = trouble
        self._codes: dict[str, dict[AssetKey, str]] = {}
        self._due = 0.0
        self._position = -1
        self._arrived: float | None = None
        self._doubted = 0.0
        self._told = ""
        self._first = False
        self._going = False
        self._soonest = 0.0
        self._last: tuple[Schedule, ...] = ()
        self._lock = threading.Lock()

    def __call__(self) -> Sequence[Schedule]:
        with self._lock:
            position = self._store.newest_position()
            heard = self._heard()
            if not heard and time.monotonic() < (self._due if position == self._position else self._soonest):
                return self._last
            self._position = position
            try:
                self._last, self._told = self._look(heard), ""
            except PenstockError as wrong:
                self._say(f"policies: {str(wrong).splitlines()[0]}")
                self._last = ()
            # Whoever looks for the first time is seen by the store after this look.
            self._soonest = time.monotonic() + (_WHILE_RUNNING if self._going else 0.0)
            self._due = 0.0 if self._first else time.monotonic() + _EVERY
            return self._last

    def _say(self, words: str) -> None:
        if words != self._told:
            self._told = words
            self._trouble(words)

    def _heard(self) -> bool:
        """Whether somebody has told of something since: then nothing that was seen counts as new enough. Not more often than a
        service can be asked."""
        newest = self._inbox.newest()
        if self._arrived is None:
            self._arrived = self._inbox.newest_handled()
        if newest == self._arrived or time.monotonic() < self._doubted:
            return False
        self._arrived, self._doubted = newest, time.monotonic() + _DOUBTED
        return True

    def _look(self, doubted: bool) -> tuple[Schedule, ...]:
        if not has_policies(self._workspace):
            return ()
        found = self._decide(doubted)
        kept = self._store.automation(self._workspace.project.environment)
        row = kept.schedules().get(POLICIES)
        self._first = row is None
        self._going = any(tick.schedule == POLICIES for tick in kept.open_ticks())
        due = found.evaluated.due
        start = _NEVER if due is None else due
        if row is not None and due is not None:
            start = max(due, row.looked_until + 0.01)
        return (schedule(start, found),)

    def _decide(self, doubted: bool) -> Decision:
        found = decision(
            self._workspace,
            self._store,
            self._command_of,
            self._codes,
            may_call=True,
            doubted=doubted,
            remember=True,
        )
        self._decisions.write(changed_rows(self._decisions.latest(), found.rows()))
        return found

    def perform(self, inner: Unattended) -> Perform:
        """What is due when its tick's turn has come is built, by one plan; that it was started is recorded first."""

        def built(one: Schedule, tick: Tick, stopping: threading.Event) -> Performed:
            found = decision(self._workspace, self._store, self._command_of, self._codes, heed_runs=False)
            wave = found.evaluated.wave
            begun = self._store.run_of_key(self._workspace.project.environment, tick.run_key or "")
            if not wave and begun is None:
                return Performed(state=TickState.NOTHING, reason="nothing is due any more")
            standing = found.evaluated.standing
            self._decisions.write(
                DecisionRow(
                    asset=key,
                    at=tick.at,
                    code="started",
                    reason=standing[key].reason,
                    key=found.key(key, tick.at),
                )
                for key in wave
            )
            worded = _with_words(one, found)
            done = inner(worded, tick, stopping)
            if wave:
                done = msgspec.structs.replace(done, reason=f"{worded.text}: {done.reason}")
            if done.state is TickState.NOTHING:
                self._decisions.write(
                    DecisionRow(
                        asset=key, at=found.now, code="compared", reason=found.world.code.get(key, "")
                    )
                    for key in wave
                )
            # What had nothing to do is not asked again at once: nothing that it stands on is other.
            pause = _EVERY if done.state is TickState.NOTHING else 0.0
            with self._lock:
                self._due = self._soonest = time.monotonic() + pause
            return done

        def performed(schedule: Schedule, tick: Tick, stopping: threading.Event) -> Performed:
            if schedule.name != POLICIES:
                return inner(schedule, tick, stopping)
            return explained(lambda: built(schedule, tick, stopping))

        return performed


def schedule(start: float, found: Decision) -> Schedule:
    names = [found.names[key] for key in found.evaluated.wave]
    shown = ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
    return Schedule(
        name=POLICIES,
        words=("build",),
        text=f"build {shown}" if names else "build what is due then",
        ticks=PolicyTicks(start=start),
        grace=_ANY_TIME,
    )


def _with_words(one: Schedule, found: Decision) -> Schedule:
    wave = found.evaluated.wave
    whole = dict.fromkeys((*(view for key in wave for view in found.views.get(key, ())), *wave))
    chosen = [word for key in whole for word in ("-s", found.names[key])]
    return msgspec.structs.replace(one, words=("build", *chosen), text=schedule(0.0, found).text)
