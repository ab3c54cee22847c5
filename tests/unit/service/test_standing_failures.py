"""Verdicts of checks of penstock.yml that stand: a failure fails a run also where nothing else is to be done, and nobody watches."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import msgspec

from penstock.automation import Performed, Schedule
from penstock.automation.schedule import NoTicks
from penstock.cli.scheduled import read_command
from penstock.service.launching import hash_of
from penstock.service.planning import RunRequest, plan
from penstock.service.unattended import Unattended
from penstock.service.workspace import open_workspace
from penstock.store import Tick, TickState

NIGHTLY = Schedule(name="nightly", words=("build",), text="build", ticks=NoTicks())
YML = """
name: shop
warehouses: {main: {type: duckdb, path: shop.duckdb}}
checks: {main: {assets: {orders: {not_null: [id]}}}}
"""


def shop(root: Path) -> Path:
    (root / "penstock.yml").write_text(YML)
    with duckdb.connect(str(root / "shop.duckdb")) as made:
        made.execute("create table orders as select null::int as id")
    return root


def night(root: Path, number: int) -> Performed:
    tick = Tick(
        schedule="nightly",
        at=float(number),
        state=TickState.RUNNING,
        reason="due",
        decided_at=float(number),
        run_key=f"schedule:nightly@{number}",
    )
    return Unattended(root, "dev", read_command)(NIGHTLY, tick, threading.Event())


def test_a_night_on_which_only_a_failure_stands_fails(tmp_path: Path) -> None:
    root = shop(tmp_path)
    first, second = night(root, 1), night(root, 2)
    assert (first.state, first.good) == (second.state, second.good) == (TickState.ENDED, False), second
    assert judged(root).startswith("failed in run 1 (")
    _, made = plan(open_workspace(root), RunRequest(checks=True))
    (item,) = (one for one in made.items if one.kind.value == "check")
    passed = msgspec.structs.replace(made, items=(msgspec.structs.replace(item, verdict="success"),))
    assert hash_of(made) != hash_of(passed), "what is begun is what was shown"


def test_checks_of_penstock_yml_are_reused_with_the_rows_that_they_judged(tmp_path: Path) -> None:
    root = shop(tmp_path)
    with duckdb.connect(str(root / "shop.duckdb")) as writes:
        writes.execute("update orders set id = 1")
    assert night(root, 1).good
    assert judged(root).startswith("passed in run 1: same test, same data")
    with duckdb.connect(str(root / "shop.duckdb")) as writes:
        writes.execute("insert into orders values (null)")
    assert judged(root).startswith("checks orders: new data")


def judged(root: Path) -> str:
    _, made = plan(open_workspace(root), RunRequest(checks=True))
    return next(one.reason for one in made.items if one.kind.value == "check")
