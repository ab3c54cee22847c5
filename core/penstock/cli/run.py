"""`penstock run`, `build` and `retry`: do it, and show it."""

from __future__ import annotations

import shlex
import sys
import time
from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.executing import execute_plan
from penstock.cli.given import Given
from penstock.cli.output import ago, hint, is_quiet, unread_is_no_failure
from penstock.cli.permission import permitted
from penstock.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from penstock.cli.options import F
    from penstock.service.workspace import Workspace
    from penstock.store import RunRecord


def _run_command(command: F) -> F:
    for option in (
        options.place_options,
        options.base_options,
        options.look_options,
        options.refresh_option,
        options.start_option,
        options.reuse_option,
        options.json_option,
        click.option("--dry-run", is_flag=True, help="Print the plan and start nothing."),
        click.option(
            "--key", metavar="KEY", help="Idempotency key: a second run with the same key is never created."
        ),
        options.control_options,
        options.run_options,
        options.select_options,
    ):
        command = option(command)
    return command


@click.command(cls=SectionedCommand)
@_run_command
@click.option(
    "--resume",
    is_flag=False,
    flag_value="",
    metavar="[RUN]",
    help="Resume a run that was detached or interrupted (the newest, or RUN).",
)
def run(resume: str | None, names: tuple[str, ...], **given: object) -> None:
    """Build the selected assets (all by default) in dependency order: syncs, seeds, snapshots, models.

    Arguments after -- are passed to dbt unchanged. Exit code: 0 all good, 1 something failed, 2 wrong usage or configuration, 3 detached and resumable.
    """
    if resume is not None:
        _resume(given, resume or next(iter(names), None))
    else:
        _do({**given, "names": names}, "run", checks=False)


@click.command(cls=SectionedCommand)
@_run_command
def build(**given: object) -> None:
    """Like run, with tests: a failed test stops what depends on the tested asset.

    Arguments after -- are passed to dbt unchanged. Exit code: 0 all good, 1 something failed, 2 wrong usage or configuration, 3 detached and resumable.
    """
    _do(given, "build", checks=True)


@click.command(cls=SectionedCommand)
@click.argument("run", required=False)
@click.argument("step", required=False)
@options.control_options
@options.json_option
@options.quiet_option
@options.place_options
def retry(run: str | None, step: str | None, **given: object) -> None:
    """Run again what failed or was skipped in a run (the latest by default) or in one of its steps, with the same flags."""
    from penstock.service import retrying

    before = retrying.former(options.workspace(given), run)
    workspace = options.workspace({**given, "as_json": True}, before.options)
    seen, plan = retrying.plan_retry(workspace, before, step)
    for name in retrying.gone(before, plan):
        hint(f"{name} is not in the project any more")
    plan = options.controlled(workspace, plan, given)
    execute_plan(workspace, seen.graph, plan, given, command=f"penstock retry {before.detail.run.number}")


def _resume(given: Given, run: str | None) -> None:
    from penstock.service import retrying
    from penstock.service.observe import look

    left = retrying.left_run(options.workspace(given), run)
    workspace = options.workspace({**given, "as_json": True}, left.options)
    if not given["as_json"] and not is_quiet():
        with unread_is_no_failure():
            click.echo(f"going on with run {left.detail.run.number} ({left.detail.run.state.value})")
    seen = look(workspace)
    plan = options.controlled(workspace, left.plan, given)
    execute_plan(workspace, seen.graph, plan, given, command="", resumed=left.detail.run.id)


def _do(given: Given, name: str, *, checks: bool) -> None:
    from penstock.service import idempotency, planning
    from penstock.service.idempotency import RunHeld
    from penstock.service.running import KeyTaken

    names, passed = options.split_arguments(given["names"])
    given = {**given, "names": names, "passed_on": passed}
    workspace, key = options.workspace(given, options.seen_options(given)), given["key"]
    if key is not None and (known := idempotency.find(workspace, key)) is not None:
        _follow(workspace, known, given)
        return
    wakes = not given["dry_run"]
    seen, plan = planning.plan(workspace, options.asked(given, checks=checks, wakes=wakes))
    if not given["dry_run"] and not permitted(seen.graph, plan, given):
        never = options.asked({**given, "start": "never"}, checks=checks, wakes=wakes)
        seen, plan = planning.plan(workspace, never)
    plan = options.controlled(workspace, plan, given)
    if given["dry_run"]:
        from penstock.cli.plan import print_plan

        print_plan(plan, show_all=False)
        return
    command = shlex.join(["penstock", name, *_typed(name)])
    try:
        execute_plan(workspace, seen.graph, plan, given, command=command, key=key, without_checks=not checks)
    except (KeyTaken, RunHeld):
        # Another trigger with this key was quicker, by less than it took to plan.
        if key is None or (known := idempotency.find(workspace, key)) is None:
            raise
        _follow(workspace, known, given)


def _follow(workspace: Workspace, run: RunRecord, given: Given) -> None:
    """The key has made a run already: go on with it if it was left, wait for it if it goes on; its end is ours."""
    from penstock.service import idempotency
    from penstock.service.idempotency import RunHeld

    hint(f"the key '{run.key}' has made run {run.number} already, {ago(time.time() - run.created_at)}")
    told = False
    while not run.state.ended:
        if idempotency.left(run):
            try:
                _resume(given, str(run.number))
                return
            except RunHeld:
                time.sleep(1)  # somebody else goes on with it
        elif not told:
            told = True
            place = f" on {run.owner.host} (process {run.owner.pid})" if run.owner else ""
            hint(f"it goes on{place}: waiting for its end")
        time.sleep(0.5)
        run = idempotency.find(workspace, run.key or "") or run
    click.echo(f"run {run.number} {run.state.value}" + (f": {run.message}" if run.message else ""))
    if run.state.value != "succeeded":
        raise click.exceptions.Exit(1)


def _typed(name: str) -> list[str]:
    """The command line as typed, after the command's name."""
    typed = sys.argv[1:]
    return typed[typed.index(name) + 1 :] if name in typed else []
