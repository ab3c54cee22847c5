"""A run that was recorded and whose process fails before it begins does not wait for ever."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from penstock.run import create_run
from penstock.service import launching
from penstock.service.planning import RunRequest, plan
from penstock.service.workspace import Workspace, open_workspace
from penstock.store import RunRecord, open_store

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("served")]


def recorded(workspace: Workspace) -> RunRecord:
    _, made = plan(workspace, RunRequest(include=("free",), reuse=False))
    store = open_store(workspace.project.store_url(), root=workspace.project.root)
    try:
        return create_run(store, made, command="started in the browser")
    finally:
        store.close()


def state(workspace: Workspace, run: RunRecord) -> RunRecord:
    store = open_store(workspace.project.store_url(), root=workspace.project.root)
    try:
        return store.run(run.id)
    finally:
        store.close()


def test_a_process_that_cannot_begin_ends_its_run_with_the_reason(built: Path) -> None:
    workspace = open_workspace(built)
    run = recorded(workspace)
    file = built / "penstock.yml"
    text = file.read_text()
    file.write_text(text.replace('"warehouses"', '"warehuoses"'))
    try:
        launching.begin(workspace, run)
        deadline = time.monotonic() + 60
        while not state(workspace, run).state.ended and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        file.write_text(text)
    found = state(workspace, run)
    assert found.state.value == "cancelled", found
    assert found.message is not None
    assert found.message.startswith("it was never begun: ") and "warehuoses" in found.message, found.message


def test_a_run_that_has_begun_is_not_given_up(built: Path) -> None:
    workspace = open_workspace(built)
    store = open_store(workspace.project.store_url(), root=workspace.project.root)
    first = store.find_run("1")
    store.close()
    launching.give_up(workspace, first.id, "no")
    assert state(workspace, first).state is first.state and state(workspace, first).message == first.message
