"""The daemon: looks at the clock, decides, and has runs made, each in a thread of its own. Plans and runs nothing itself.

It holds no truth: another daemon, or the same one started again, finds all of it in the store.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import msgspec

from penstock.automation.decide import WRONG, decide
from penstock.automation.schedule import Schedule
from penstock.errors import StoreError
from penstock.store import (
    AutomationStore,
    Commits,
    DaemonRow,
    Decided,
    Known,
    ScheduleRow,
    StoreReplaced,
    Tick,
    TickState,
    Took,
)

HOLD_SECONDS = 30.0
_BEAT = 10.0
_BACK = 5.0
_LONGEST_PAUSE = 30.0  # between two tries while the store is away
_LOOK = 5.0  # at least so often: what another daemon left is found then


class Performed(msgspec.Struct, frozen=True, kw_only=True):
    """How a tick came out: ENDED with a run, NOTHING to do, or FAILED without one. `left`: the run goes on without us."""

    state: TickState
    reason: str
    run: str | None = None
    good: bool = True
    left: bool = False


class Perform(Protocol):
    """Makes the run of a tick, or goes on with the one that its key has made. Blocks; must come back soon after `stopping`
    is set, and then says that the run is left."""

    def __call__(self, schedule: Schedule, tick: Tick, stopping: threading.Event) -> Performed: ...


Alone = Callable[[Sequence[Schedule], Iterable[str]], Mapping[str, frozenset[str]]]


class Notices(Protocol):
    """What the daemon tells whoever watches. `does`: what the schedule of the tick does, as it is known when that is decided."""

    def decided(self, tick: Tick, does: str) -> None: ...
    def started(self, tick: Tick) -> None: ...
    def ended(self, tick: Tick, performed: Performed) -> None: ...
    def waiting(self, until: float | None, schedule: str | None, now: float) -> None: ...
    def standing_by(self, first: DaemonRow | None) -> None: ...
    def trouble(self, what: str) -> None: ...
    def back(self, away: float) -> None: ...


class Daemon:
    """`schedules` is asked anew before every look, so that an edited penstock.yml counts at once. `commits` of others end its rest.
    `project` is a print of what is decided by: while a daemon that came first has another one, this one stands by. `alone`: of the
    schedules named, what the runs of each must have to themselves."""

    def __init__(
        self,
        store: AutomationStore,
        identity: str,
        *,
        schedules: Callable[[], Sequence[Schedule]],
        perform: Perform,
        notices: Notices,
        commits: Commits | None = None,
        project: Callable[[], str] = lambda: "",
        alone: Alone = lambda schedules, names: dict.fromkeys(names, frozenset[str]()),
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timer = timer
        self._alone = alone
        self._project = project
        self._commits = commits or Commits()
        self._store = store
        self._identity = identity
        self._schedules = schedules
        self._perform = perform
        self._notices = notices
        self._stopping = threading.Event()
        self._working: dict[tuple[str, float], Tick] = {}
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._beaten = 0.0
        self._held = 0.0
        self._last = 0.0
        self._said: tuple[str, str] | None = None
        self._before: DaemonRow | None = None
        self._away, self._since = False, 0.0
        self._replaced = False
        self._took = Took()
        self.failed = 0
        self.left = 0

    @property
    def decides(self) -> bool:
        """Whether it has looked, does not stand by, and has its store."""
        return self._said is not None and self._before is None and not self._away

    def comes_first(self) -> bool:
        """Whether no daemon of another project decides. For who has something to do before the first look."""
        project = self._project()
        return not project or self._store.before(self._identity, project) is None

    def stop(self) -> None:
        """Safe in a signal handler: nothing new starts, runs are left for whoever comes next."""
        self._stopping.set()
        self._commits.ring()

    def run(self, *, once: bool = False, patience: float = 10.0) -> None:
        """Until it is stopped; `once`: one look, and the end of the runs that it started."""
        pause = 0.0
        while not self._stopping.is_set():
            try:
                began = time.monotonic()
                wait = self._look()
                self._is_back()
                pause = 0.0
                if once and not self._working:
                    break
                # Where somebody commits all the time, looking is not to fill it; while runs of our own go on, that is they.
                deaf = 1.0 if self._working else min(1.0, 2 * (time.monotonic() - began))
                self._commits.wait(0.2 if once else wait, deaf)
            except StoreError as error:
                if once:
                    raise
                self._is_away(error)
                pause = min(max(1.0, pause * 2), _LONGEST_PAUSE)
                self._commits.pause(pause)
        self._finish(patience)

    def _look(self) -> float:
        """One look; how long nothing more is to be done."""
        # Before anything is read or made: a state folder that was taken away is not to be begun anew.
        self._store.refuse_missing()
        self._live()
        self._commits.mark()
        project = self._project()
        if self._said is None or self._said[1] != project:
            self._say("starting", project)
        if self._stands_by(self._store.before(self._identity, project) if project else None, project):
            return _LOOK
        began = time.monotonic()
        schedules = tuple(self._schedules())
        decided = self._decide(schedules, project)
        self._is_back()
        self._took.decision = time.monotonic() - began
        if self._stands_by(decided.before, project):
            return _LOOK
        does = {one.name: one.text for one in schedules}
        for tick in decided.ticks:
            self._notices.decided(tick, does.get(tick.schedule, ""))
        for tick in self._claim(schedules):
            self._start(schedules, tick)
        self._keep()
        now = self._clock()
        until, name = next_due(schedules, now, self._store.schedules())
        if not self._working:
            self._notices.waiting(until, name, now)
        self._say(self._doing(name), project)
        return max(0.01, min(_LOOK, until - now if until is not None else _LOOK))

    def _is_away(self, error: StoreError) -> None:
        """Said once; and once more when waiting cannot help any longer."""
        if isinstance(error, StoreReplaced):
            if not self._replaced:
                self._notices.trouble(f"{error.what}: {error.hint}")
        elif not self._away:
            self._notices.trouble(f"{error.what}; trying again")
        if not self._away:
            self._away, self._since = True, self._timer()
        self._replaced = isinstance(error, StoreReplaced)

    def _is_back(self) -> None:
        if self._away:
            self._away = self._replaced = False
            self._notices.back(self._timer() - self._since)

    def _stands_by(self, first: DaemonRow | None, project: str) -> bool:
        """While that daemon is there. Runs that this one has begun go on."""
        if (first is None) != (self._before is None):
            self._notices.standing_by(first)
        self._before = first
        if first is None:
            return False
        self._keep()
        self._say(f"stands by for process {first.owner.pid} on {first.owner.host}", project)
        return True

    def _clock(self) -> float:
        now = self._store.now()
        if now < self._last - _BACK:
            back = self._last - now
            so = "schedules go on from now" if back > WRONG else "what was due in that time is not due again"
            self._notices.trouble(f"the clock went back by {back:.0f} s: {so}")
        self._last = now
        return now

    def _doing(self, following: str | None) -> str:
        with self._lock:
            names = sorted({name for name, _ in self._working})
        if names:
            return "running " + ", ".join(names)
        return f"waiting for {following}" if following else "nothing is scheduled"

    def _decide(self, schedules: Sequence[Schedule], project: str) -> Decided:
        def inside(known: Known) -> Decided:
            return decide(schedules, known)

        return self._store.decide(inside, identity=self._identity, project=project)

    def _claim(self, schedules: Sequence[Schedule]) -> list[Tick]:
        allowed = [one.name for one in schedules if one.overlap == "allow"]
        with self._lock:
            working = list(self._working)
        waiting = self._store.open_ticks()
        if not waiting:
            return []
        alone = self._alone(schedules, {one.schedule for one in waiting}) if len(waiting) > 1 else {}
        return self._store.claim(HOLD_SECONDS, overlapping=allowed, working_on=working, alone=alone)

    def _start(self, schedules: Sequence[Schedule], tick: Tick) -> None:
        schedule = next((one for one in schedules if one.name == tick.schedule), None)
        if schedule is None:
            self._store.end(tick, TickState.SKIPPED, "the schedule is not in penstock.yml any more")
            return
        with self._lock:
            self._working[tick.schedule, tick.at] = tick
        self._notices.started(tick)
        thread = threading.Thread(
            target=self._work, args=(schedule, tick), name=f"tick {tick.schedule}", daemon=True
        )
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()

    def _work(self, schedule: Schedule, tick: Tick) -> None:
        try:
            performed = self._perform(schedule, tick, self._stopping)
            self._settle(tick, performed)
        except StoreError as error:
            # The tick stays open: whoever looks next goes on with its run.
            self._notices.trouble(f"{tick.schedule}: {error.what}")
        finally:
            with self._lock:
                self._working.pop((tick.schedule, tick.at), None)
            self._commits.ring()

    def _settle(self, tick: Tick, performed: Performed) -> None:
        if performed.left:
            self.left += 1
            if performed.run is not None:
                self._store.note_run(tick, performed.run)
            self._store.hold([tick], 0.0)
        else:
            self.failed += not performed.good
            self._store.end(tick, performed.state, performed.reason, performed.run)
        self._notices.ended(tick, performed)

    def _keep(self) -> None:
        """What is worked on stays this daemon's."""
        if time.monotonic() - self._held < HOLD_SECONDS / 4:
            return
        self._held = time.monotonic()
        with self._lock:
            ticks = list(self._working.values())
        if ticks:
            self._store.hold(ticks, HOLD_SECONDS)

    def _live(self) -> None:
        """Said before the mark: that of this daemon alone nobody need look again."""
        if self._said is not None and time.monotonic() - self._beaten > _BEAT:
            self._beat(*self._said)

    def _say(self, saying: str, project: str) -> None:
        if (saying, project) != self._said:
            self._beat(saying, project)
            self._said = saying, project

    def _beat(self, saying: str, project: str) -> None:
        self._beaten = began = time.monotonic()
        self._store.beat(self._identity, saying, project, self._took)
        self._took.write = time.monotonic() - began

    def _finish(self, patience: float) -> None:
        deadline = time.monotonic() + patience
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        try:
            self._store.leave(self._identity)
        except StoreError as error:
            self._notices.trouble(error.what)


def next_due(
    schedules: Sequence[Schedule], after: float, rows: Mapping[str, ScheduleRow] = MappingProxyType({})
) -> tuple[float | None, str | None]:
    """The next moment at which something is due, and whose it is. What was due before the clock went back is not due again."""
    found = []
    for schedule in schedules:
        row = rows.get(schedule.name)
        begin = after if row is None or row.looked_until > after + WRONG else max(after, row.looked_until)
        _, due = next(schedule.due_after(begin), (0.0, 0.0))
        if due:
            found.append((due, schedule.name))
    return min(found) if found else (None, None)
