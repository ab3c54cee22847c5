"""A run that nobody watches: a schedule's command planned and executed, once per key, with what was left taken up again."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec

from penstock.automation import Performed, Schedule
from penstock.automation.decide import latest_start, utc
from penstock.errors import ConfigError, MissingVariable, NoProjectError, PenstockError, StoreError
from penstock.plan import Plan
from penstock.run import RunEvent, RunResult
from penstock.service import idempotency, planning, retrying
from penstock.service.control import Control, attached
from penstock.service.observe import look
from penstock.service.permission import Permit
from penstock.service.planning import RunRequest
from penstock.service.running import KeyTaken, execute
from penstock.service.workspace import Workspace, open_workspace
from penstock.store import RunHeld, RunRecord, StoreMissing, Tick, TickState, open_store

_POLL = 0.5
_LONGEST_POLL = 60.0  # to read a project may take a tool seconds
_FAR = 366 * 86400.0  # whoever may wait so long may wait for ever


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """`penstock run` or `build` as typed in penstock.yml, read: `options` are those of the workspace."""

    text: str
    asked: RunRequest
    options: dict[str, object] = {}
    control: Control = Control()


class Unattended:
    """Performs the ticks of one project. `wait`, where ticks may wait, is told what for."""

    def __init__(
        self,
        root: Path,
        environment: str,
        command_of: Callable[[Schedule], Command],
        *,
        wait: Callable[[str], None] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._root = root
        self._environment = environment
        self._command_of = command_of
        self._wait = wait
        self._now = now

    def __call__(self, schedule: Schedule, tick: Tick, stopping: threading.Event) -> Performed:
        """Never raises but for a store that is away: the reason of a failure is kept with the tick."""
        return explained(lambda: self._readable(schedule, tick, stopping))

    def _readable(self, schedule: Schedule, tick: Tick, stopping: threading.Event) -> Performed:
        """As soon as the project can be read, while the tick may start: somebody may be editing it just now."""
        assert tick.run_key is not None
        until, pause = latest_start(schedule, tick.at), _POLL
        while True:
            try:
                return self._perform(self._command_of(schedule), tick.run_key, stopping)
            except (ConfigError, NoProjectError) as wrong:
                if self._wait is None or isinstance(wrong, MissingVariable) or self._now() >= until:
                    raise
                if pause == _POLL:
                    at_most = f", until {utc(until)} at most" if until < self._now() + _FAR else ""
                    self._wait(f"{schedule.name}: {first_line(wrong)}; waits for that to be mended{at_most}")
            if stopping.wait(pause):
                return _left(None)
            pause = min(pause * 2, _LONGEST_POLL)

    def _perform(self, command: Command, key: str, stopping: threading.Event) -> Performed:
        with _Stops(self._open(command), key, stopping):
            return self._once(command, key, stopping)

    def _once(self, command: Command, key: str, stopping: threading.Event) -> Performed:
        while True:
            workspace = self._open(command)
            known = idempotency.find(workspace, key)
            if known is not None and known.state.ended:
                return _ended(known)
            if stopping.is_set():
                return _left(known)
            try:
                if known is None:
                    return self._begin(workspace, command, key)
                if idempotency.left(known):
                    return self._go_on(workspace, known)
            except (KeyTaken, RunHeld):
                # Somebody else was quicker, or works on it still.
                stopping.wait(_POLL)
                continue
            stopping.wait(_POLL)

    def _open(self, command: Command) -> Workspace:
        return open_workspace(self._root, environment=self._environment, options=command.options)

    def _begin(self, workspace: Workspace, command: Command, key: str) -> Performed:
        asked = command.asked
        if asked.permit is Permit.ASKED:  # there is nobody to ask
            asked = msgspec.structs.replace(asked, permit=Permit.NEVER)
        seen, plan = planning.plan(workspace, msgspec.structs.replace(asked, wakes=True))
        plan = attached(plan, command.control, workspace.project.document.runs)
        if not plan.to_end():
            return Performed(state=TickState.NOTHING, reason=f"nothing to do: {_why_nothing(plan)}")
        text = command.text if command.text.startswith("penstock ") else f"penstock {command.text}"
        result = execute(workspace, seen.graph, plan, command=text, listener=_unheard, key=key)
        return _came_out(result)

    def _go_on(self, workspace: Workspace, run: RunRecord) -> Performed:
        left = retrying.left_run(workspace, str(run.number))
        workspace = open_workspace(self._root, environment=self._environment, options=left.options)
        seen = look(workspace)
        return _came_out(
            execute(workspace, seen.graph, left.plan, command="", listener=_unheard, resumed=run.id)
        )


def explained(perform: Callable[[], Performed]) -> Performed:
    """What it raises, but for a store that is away, is the reason of a failure."""
    try:
        return perform()
    except StoreError:
        raise
    except PenstockError as wrong:
        return Performed(state=TickState.FAILED, reason=first_line(wrong), good=False)
    except Exception as error:  # a defect in one run must not end the daemon
        words = f"internal error: {type(error).__name__}: {error}".splitlines()[0]
        return Performed(state=TickState.FAILED, reason=words, good=False)


def first_line(wrong: PenstockError) -> str:
    return str(wrong).splitlines()[0]


class _Stops:
    """While a run goes on: when the daemon is to stop, the run's coordinator is asked to detach."""

    def __init__(self, workspace: Workspace, key: str, stopping: threading.Event) -> None:
        self._workspace = workspace
        self._key = key
        self._stopping = stopping
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"stop of {key}", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(_POLL):
            if self._stopping.is_set() and self._asked():
                return

    def _asked(self) -> bool:
        """Whether a run that goes on was there to be asked. It may not be recorded yet: then it is asked later."""
        project = self._workspace.project
        try:
            store = open_store(project.store_url(), root=project.root, create=False)
        except StoreMissing:
            return False
        try:
            run = store.run_of_key(project.environment, self._key)
            if run is None or run.started_at is None:
                return False
            store.request(run.id, "detach")
            return True
        finally:
            store.close()


def _why_nothing(plan: Plan) -> str:
    """The reasons of most, of what something makes."""
    made = [item for item in plan.items if item.code != "not-selected" and item.unit]
    reasons = Counter(item.reason for item in made or plan.items if item.code != "not-selected")
    return "; ".join(reason for reason, _ in reasons.most_common(2)) or "nothing is selected"


def _unheard(event: RunEvent) -> None:
    """Nobody watches: what happened is in the store."""


def _came_out(result: RunResult) -> Performed:
    if result.state.resumable:
        return Performed(
            state=TickState.RUNNING, reason=f"run {result.number} was left", run=result.run, left=True
        )
    counts = ", ".join(f"{number} {name}" for name, number in sorted(result.counts.items()) if name != "left")
    return Performed(
        state=TickState.ENDED,
        reason=f"run {result.number} {result.state.value}: {counts}",
        run=result.run,
        good=result.exit_code == 0,
    )


def _ended(run: RunRecord) -> Performed:
    return Performed(
        state=TickState.ENDED,
        reason=f"run {run.number} {run.state.value}",
        run=run.id,
        good=run.state.value == "succeeded",
    )


def _left(run: RunRecord | None) -> Performed:
    words = f"run {run.number} was left" if run is not None else "not begun"
    return Performed(
        state=TickState.RUNNING, reason=words, run=run.id if run is not None else None, left=True
    )
