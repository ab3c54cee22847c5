"""Whether a run works in a warehouse that one process at a time can open: then a look at it would make the run's step fail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from penstock.errors import WarehouseBusy
from penstock.integration import Address
from penstock.service.workspace import Workspace
from penstock.system.boot import boot_id
from penstock.system.locks import locked
from penstock.system.processes import process_started

if TYPE_CHECKING:
    from penstock.store import AttemptRecord, RunDetail, RunRecord, RunStore


_LOOK = "look.lock"
_BEGINS = 300.0  # seconds from the record of a run to its beginning, at most
_RUNS = 50  # the newest: those that go on are among them


@contextmanager
def looking(workspace: Workspace, address: Address) -> Iterator[None]:
    """For a look that may come at any time: no run of this machine begins meanwhile. Raises WarehouseBusy while one goes on there,
    at work in the warehouse just now or not."""
    if address.slots != 1:
        yield
        return
    with locked(workspace.state_dir / _LOOK):
        refuse_if_in_use(workspace, address)
        _refuse_if_begun(workspace, address)
        yield


def wait_for_looks(workspace: Workspace) -> None:
    """Called when a run is recorded and has not begun: whoever looks has not seen it, and ends first; the next one sees it."""
    with locked(workspace.state_dir / _LOOK):
        pass


def _refuse_if_begun(workspace: Workspace, address: Address) -> None:
    from penstock.store import open_store

    project = workspace.project
    store = open_store(project.store_url(), root=project.root)
    try:
        for run in store.runs(limit=_RUNS):
            if run.state.ended or run.state.resumable or _forgotten(run):
                continue
            items = store.detail(run.id).items
            if any(one.key.namespace == address.namespace or one.kind.value == "check" for one in items):
                raise WarehouseBusy(f"run {run.number} goes on", hint=f"penstock runs {run.number}")
    finally:
        store.close()


def _forgotten(run: RunRecord) -> bool:
    """Recorded by a process that has died since, and begun by nobody: it may stay so for ever."""
    return run.owner is None and run.started_at is None and time.time() - run.created_at > _BEGINS


def refuse_if_in_use(workspace: Workspace, address: Address) -> None:
    """Raises WarehouseBusy while a run, or a process that a dead coordinator left, works there. For looks that are nobody's step:
    DuckDB gives a file to one process, and dbt does not wait for it."""
    if address.slots != 1:
        return
    from penstock.store import StoreMissing, open_store

    project = workspace.project
    try:
        store = open_store(project.store_url(), root=project.root, create=False)
    except StoreMissing:
        return
    try:
        for run, steps in store.working_in(address.namespace).items():
            detail = store.detail(run)
            if _works(detail, steps):
                raise WarehouseBusy(
                    f"run {detail.run.number} works in {address.namespace.partition(':')[2]}",
                    hint=f"penstock runs {detail.run.number}",
                )
        _refuse_if_checking(store)
    finally:
        store.close()


def _refuse_if_checking(store: RunStore) -> None:
    """A step of checks alone makes no asset, so nothing tells in which warehouse it works: it may be any."""
    from penstock.store import RunState

    going = [state.value for state in RunState if not state.ended]
    for run in store.runs(limit=_RUNS, states=going):
        detail = store.detail(run.id)
        checks = {str(one.key) for one in detail.items if one.kind.value == "check"}
        steps = {one.id for one in detail.steps if checks.issuperset(one.items)}
        tried = any(one.step in steps and one.ended_at is None for one in detail.attempts)
        if tried and _works(detail, steps):
            raise WarehouseBusy(f"run {run.number} runs checks", hint=f"penstock runs {run.number}")


def _works(detail: RunDetail, steps: set[str]) -> bool:
    from penstock.store import RunState

    if detail.run.state not in (RunState.INTERRUPTED, RunState.DETACHED):
        return not detail.run.state.ended
    return any(_lives(one) for one in detail.attempts if one.step in steps and one.ended_at is None)


def _lives(attempt: AttemptRecord) -> bool:
    """A local process is told by its number, its boot and its start, so that no later one is taken for it."""
    told = attempt.external or {}
    pid, started = told.get("pid"), told.get("started")
    return (
        isinstance(pid, int)
        and started is not None
        and told.get("boot") == boot_id()
        and process_started(pid) == started
    )
