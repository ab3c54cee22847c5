"""A run begun for somebody who has seen its plan: recorded with exactly that plan, and given to a process of its own.

The process outlives the server; the run store is all that they share.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import subprocess
import sys
import threading

import msgspec

from penstock.errors import PenstockError, UsageError
from penstock.plan import Plan
from penstock.run import Coordinator, StopMode, create_run, plan_of
from penstock.service import retrying
from penstock.service.flags import flags_said
from penstock.service.listing import begun_in_browser
from penstock.service.observe import GraphView
from penstock.service.permission import Permit, said
from penstock.service.planning import RunRequest
from penstock.service.planning import plan as make
from penstock.service.workspace import Workspace, open_workspace
from penstock.store import RunHeld, RunRecord, RunState, open_store
from penstock.system.files import open_private, private_folder
from penstock.system.own import own_program


class PlanChanged(UsageError):
    """The plan is not the one that was shown."""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be planned: a selection, or what was left of the run `retry_of` (of one `step`)."""

    asked: RunRequest = RunRequest()
    retry_of: str | None = None
    step: str | None = None


def planned(workspace: Workspace, wanted: Wanted) -> tuple[Workspace, GraphView, Plan]:
    """The plan, and the workspace with the flags that it was made with. Raises UsageError, UnknownRun."""
    if wanted.retry_of is None:
        return (workspace, *make(workspace, wanted.asked))
    before = retrying.former(workspace, wanted.retry_of)
    again = open_workspace(
        workspace.project.root, environment=workspace.project.environment, options=before.options
    )
    seen, plan = retrying.plan_retry(again, before, wanted.step)
    return again, seen, plan


def hash_of(plan: Plan) -> str:
    """The same for two plans that do the same; the reasons, which tell the time, do not count."""
    items = [
        (str(one.key), str(one.ref), one.unit, one.step_kind, one.batch, sorted(map(str, one.depends_on)),
         one.code_version, one.remaining, one.payload, one.window, one.verdict)
        for one in plan.to_end()
    ]  # fmt: skip
    said = (
        plan.environment,
        plan.options,
        plan.control,
        plan.fail_fast,
        plan.retry_of,
        sorted(items, key=str),
    )
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


def launch(workspace: Workspace, plan: Plan, *, shown: str, by: str, key: str | None) -> RunRecord:
    """Record the plan as a run and begin it. Raises PlanChanged when it is not the one that was `shown`, UsageError when
    nothing is to be done."""
    if hash_of(plan) != shown:
        raise PlanChanged(
            "the plan has changed since it was shown", hint="look at the new plan, and start that"
        )
    if not plan.to_end():
        raise UsageError("nothing to do", hint="see why: penstock plan --all")
    project = workspace.project
    workspace.keep()
    store = open_store(project.store_url(), root=project.root)
    try:
        known = store.run_of_key(project.environment, key) if key is not None else None
        if known is not None:
            if hash_of(plan_of(store, known.id)) != shown:
                raise UsageError("this key has made another run already", hint="send a new Idempotency-Key")
            return known
        record = create_run(
            store, plan, command=begun_in_browser(by), key=key, flags=flags_said(plan.options)
        )
    finally:
        store.close()
    begin(workspace, record)
    return record


def resume(workspace: Workspace, run: str) -> RunRecord:
    """Go on with a run that was left. Raises UsageError when it was not."""
    record = retrying.left_run(workspace, run).detail.run
    begin(workspace, record)
    return record


def begin(workspace: Workspace, run: RunRecord) -> None:
    """A process that works on the run; what it says goes to a file beside the run's logs."""
    project = workspace.project
    folder = private_folder(workspace.state_dir / "runs" / run.id)
    command = own_program("penstock.service.begun", str(project.root), project.environment, run.id)
    with open_private(folder / "coordinator.log", "ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    watch = threading.Thread(target=_watched, args=(workspace, run, process), daemon=True)
    watch.start()


def _watched(workspace: Workspace, run: RunRecord, process: subprocess.Popen[bytes]) -> None:
    """A process that ends before it has begun the run says why; without this the run would wait for ever."""
    if process.wait() == 0:
        return
    try:
        log = (workspace.state_dir / "runs" / run.id / "coordinator.log").read_text(errors="replace")
        told = [line for line in log.splitlines() if line.startswith("error: ")]
        why = told[-1].removeprefix("error: ") if told else f"its process ended with {process.returncode}"
        give_up(workspace, run.id, f"it was never begun: {workspace.project.redact(why)[:500]}")
    except (OSError, PenstockError) as error:
        print(f"run {run.number} was not begun: {error}", file=sys.stderr)  # noqa: T201  # the server's log


def give_up(workspace: Workspace, run: str, why: str) -> None:
    """End a run that nobody has begun: cancelled, with the reason. Does nothing to any other."""
    project = workspace.project
    store = open_store(project.store_url(), root=project.root)
    try:
        if store.run(run).state is not RunState.QUEUED:
            return
        ending = Coordinator(
            plan_of(store, run),
            store=store,
            run_id=run,
            runner_for=lambda *_: None,
            folder=workspace.state_dir / "runs",
            redact=project.redact,
        )

        async def end() -> None:
            ending.request_stop(StopMode.CANCEL, why)
            with contextlib.suppress(RunHeld):  # somebody has begun it now
                await ending.run()

        asyncio.run(end())
    finally:
        store.close()


def asked_of(
    *,
    select: tuple[str, ...],
    exclude: tuple[str, ...],
    selector: str | None,
    checks: bool,
    start: str,
    flags: dict[str, object],
) -> RunRequest:
    permit, which = said(start)
    if permit is Permit.ASKED:  # there is nobody to ask
        permit = Permit.NEVER
    return RunRequest(
        include=select,
        exclude=exclude,
        selector=selector,
        checks=checks,
        options={name: value for name, value in flags.items() if value},
        permit=permit,
        start=which,
    )
