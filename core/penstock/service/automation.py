"""Automation for people: the daemon on this project, what it has done and will do, and a person's word on it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from itertools import islice

import msgspec

from penstock.automation import Daemon, Schedule, read_schedules
from penstock.automation.daemon import Notices
from penstock.automation.decide import WRONG
from penstock.errors import PenstockError, UsageError, nearest_names
from penstock.service.alone import Alone
from penstock.service.deciding import Policies, decision, has_policies, schedule
from penstock.service.history import reading_store
from penstock.service.observe import look
from penstock.service.owntimes import Own, begun, own_times
from penstock.service.prints import Print
from penstock.service.unattended import Command, Unattended
from penstock.service.watched import Watched
from penstock.service.workspace import Workspace
from penstock.store import DaemonRow, RunStore, ScheduleRow, Tick, open_store

ALL = "*"
NOTHING_SCHEDULED = (
    "nothing will start by itself: penstock.yml has no schedules",
    'say what should: schedules: [{name: nightly, cron: "0 6 * * *", run: build}]',
)


class Upcoming(msgspec.Struct, frozen=True, kw_only=True):
    """A tick to come. `due` is `at` with the schedule's jitter."""

    schedule: str
    at: float
    due: float
    run: str


class ScheduleState(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule of penstock.yml. `next_due` is None where it never comes again; `last` is its newest tick."""

    name: str
    run: str
    when: str
    next_due: float | None
    paused: str | None = None
    last: Tick | None = None
    seen: bool = True


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`gone` are schedules that the store remembers and penstock.yml does not name any more."""

    environment: str
    now: float
    paused: str | None
    schedules: tuple[ScheduleState, ...]
    ticks: tuple[Tick, ...]
    daemons: tuple[DaemonRow, ...]
    run_numbers: dict[str, int] = {}
    gone: tuple[str, ...] = ()

    @property
    def alive(self) -> tuple[DaemonRow, ...]:
        """The daemons that were heard of lately and are not known to be dead."""
        return tuple(one for one in self.daemons if one.heard(self.now))


def status(
    workspace: Workspace, read: Callable[[Schedule], Command] | None = None, *, limit: int = 20
) -> Status:
    """What is scheduled, what became of the newest ticks, and who looks at the clock. Without `read` what promises demand is
    left out. Raises ConfigError, StoreError."""
    schedules = read_schedules(workspace.project)
    with reading_store(workspace) as store:
        if store is not None and read is not None:
            schedules = (*schedules, *_by_policy(workspace, store, read))
        return _status(workspace, schedules, store, limit)


def _by_policy(
    workspace: Workspace, store: RunStore, read: Callable[[Schedule], Command]
) -> tuple[Schedule, ...]:
    if not has_policies(workspace):
        return ()
    found = decision(workspace, store, read, {})
    due = found.evaluated.due
    # What is due already is shown as what comes next.
    return (schedule(1e12 if due is None else max(due, found.now + 1.0), found),)


def _status(
    workspace: Workspace, schedules: tuple[Schedule, ...], store: RunStore | None, limit: int
) -> Status:
    import time

    environment = workspace.project.environment
    if store is None:
        now = time.time()
        states = tuple(_state(one, None, None, now) for one in schedules)
        return Status(environment=environment, now=now, paused=None, schedules=states, ticks=(), daemons=())
    kept = store.automation(environment)
    now, rows, ticks = kept.now(), kept.schedules(), kept.ticks(limit=limit)
    newest = {one.name: next(iter(kept.ticks(schedule=one.name, limit=1)), None) for one in schedules}
    runs = [tick.run for tick in (*ticks, *newest.values()) if tick is not None and tick.run]
    return Status(
        environment=environment,
        now=now,
        paused=_pause(rows.get(ALL)),
        schedules=tuple(_state(one, rows.get(one.name), newest[one.name], now) for one in schedules),
        ticks=tuple(ticks),
        daemons=tuple(kept.daemons()),
        run_numbers=store.run_numbers(runs),
        gone=tuple(sorted(set(rows) - {one.name for one in schedules} - {ALL})),
    )


def _state(schedule: Schedule, row: ScheduleRow | None, last: Tick | None, now: float) -> ScheduleState:
    following = next(schedule.due_after(_looked_until(row, now)), None)
    return ScheduleState(
        name=schedule.name,
        run=schedule.text,
        when=schedule.when,
        next_due=following[1] if following else None,
        paused=_pause(row),
        last=last,
        seen=row is not None and row.fingerprint == schedule.fingerprint,
    )


def _looked_until(row: ScheduleRow | None, now: float) -> float:
    """After a clock that went back, what was due before is not due again; but for one that was far ahead."""
    return now if row is None or row.looked_until > now + WRONG else max(now, row.looked_until)


def _pause(row: ScheduleRow | None) -> str | None:
    if row is None or row.paused_at is None:
        return None
    return f"by {row.paused_by}" + (f": {row.paused_why}" if row.paused_why else "")


def upcoming(workspace: Workspace, after: float, number: int, name: str | None = None) -> list[Upcoming]:
    """The next ticks of all schedules, with what tools start by themselves; or of one. Raises ConfigError, UsageError for an unknown name."""
    schedules = read_schedules(workspace.project)
    followed = _followed(workspace)
    if name is not None and name not in {one.name for one in followed}:
        schedules, followed = (_named(schedules, name),), []
    elif name is not None:
        schedules, followed = (), [one for one in followed if one.name == name]
    with reading_store(workspace) as store:
        rows = store.automation(workspace.project.environment).schedules() if store is not None else {}
    found = [
        Upcoming(schedule=one.name, at=tick, due=due, run=one.text)
        for one in schedules
        for tick, due in islice(one.due_after(_looked_until(rows.get(one.name), after)), number)
    ]
    found += [
        Upcoming(schedule=one.name, at=tick, due=tick, run=f"started there by itself ({one.text})")
        for one in followed
        for tick in islice(one.after(after), number)
    ]
    return sorted(found, key=lambda tick: tick.due)[:number]


def _followed(workspace: Workspace) -> list[Own]:
    """What cannot be read now starts nothing that we could tell."""
    try:
        graph = look(workspace).graph
    except PenstockError:
        return []
    with reading_store(workspace) as store:
        return own_times(graph, begun(workspace, graph, store))


def _named(schedules: tuple[Schedule, ...], name: str) -> Schedule:
    found = next((one for one in schedules if one.name == name), None)
    if found is not None:
        return found
    names = [one.name for one in schedules]
    near = nearest_names(name, names)
    raise UsageError(
        f"no schedule '{name}'" + (f"; did you mean '{near[0]}'?" if near else ""),
        hint="schedules: " + (", ".join(names) or "none in penstock.yml"),
    )


def pause(workspace: Workspace, name: str | None, by: str, why: str) -> None:
    """Nothing of that schedule starts, or of any, until it is resumed; what would have is recorded as skipped."""
    if name is not None:
        _named(read_schedules(workspace.project), name)
    store = open_store(workspace.project.store_url(), root=workspace.project.root)
    try:
        store.automation(workspace.project.environment).pause(name or ALL, by, why)
    finally:
        store.close()


def resume(workspace: Workspace, name: str | None) -> bool:
    """Whether it was paused."""
    with reading_store(workspace) as store:
        return store is not None and store.automation(workspace.project.environment).resume(name or ALL)


def daemon(
    workspace: Workspace,
    read: Callable[[Schedule], Command],
    notices: Notices,
    *,
    idle: bool = False,
    patient: bool = True,
    check: Callable[[Workspace], None] = lambda workspace: None,
) -> tuple[Daemon, RunStore, Watched]:
    """The daemon of this project's environment, with the store and the schedules that it uses. Raises ConfigError,
    StoreError; and UsageError where nothing would ever start, unless it may be `idle` for now. `patient`: ticks wait for a project
    that cannot be read just now."""
    watched = Watched(workspace, read, notices.trouble, check)
    if (
        not idle
        and not watched.schedules
        and not workspace.project.document.alerts
        and not has_policies(workspace)
    ):
        raise UsageError(NOTHING_SCHEDULED[0], hint=NOTHING_SCHEDULED[1])
    project = workspace.project
    workspace.keep()
    store = open_store(project.store_url(), root=project.root)
    policies = Policies(workspace, store, read, notices.trouble)
    perform = Unattended(
        project.root,
        project.environment,
        lambda one: watched.commands.get(one.name) or read(one),
        wait=notices.trouble if patient else None,
    )
    made = Daemon(
        store.automation(project.environment),
        f"{os.uname().nodename}-{os.getpid()}-{secrets.token_hex(3)}",
        schedules=lambda: (*watched(), *policies()),
        perform=policies.perform(perform),
        notices=notices,
        commits=store.commits(),
        project=Print(workspace),
        alone=Alone(workspace, lambda one: watched.commands.get(one.name) or read(one)),
    )
    return made, store, watched
