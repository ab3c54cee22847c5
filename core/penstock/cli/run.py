"""`penstock run`, `build` and `retry`: do it, and show it."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

import click

from penstock.cli import options
from penstock.cli.output import clear_progress, count, duration, hint, print_json
from penstock.errors import UsageError

if TYPE_CHECKING:
    from penstock.graph import AssetGraph
    from penstock.plan import Plan
    from penstock.run import RunResult
    from penstock.service.workspace import Workspace


def _run_command(command: Any) -> Any:
    for option in (
        options.place_options,
        options.target_options,
        options.refresh_option,
        options.json_option,
        click.option("--dry-run", is_flag=True, help="Show the plan and start nothing."),
        options.run_options,
        options.select_options,
    ):
        command = option(command)
    return command


@click.command()
@_run_command
@click.option(
    "--resume",
    is_flag=False,
    flag_value="",
    metavar="[RUN]",
    help="Go on with a run that was left (the newest, or RUN).",
)
def run(resume: str | None, **given: Any) -> None:
    """Make the selected assets (all by default) in dependency order: syncs, seeds, snapshots, models.

    What stands after -- goes to dbt as it is. Exit code: 0 all good, 1 something failed, 3 detached and resumable.
    """
    if resume is not None:
        _resume(given, resume)
    else:
        _do(given, "run", checks=False)


@click.command()
@_run_command
def build(**given: Any) -> None:
    """Like run, tests included: a failed test holds back what is made from what it tests.

    What stands after -- goes to dbt as it is. Exit code: 0 all good, 1 something failed, 3 detached and resumable.
    """
    _do(given, "build", checks=True)


@click.command()
@click.argument("run", required=False)
@click.argument("step", required=False)
@options.json_option
@options.place_options
def retry(run: str | None, step: str | None, **given: Any) -> None:
    """Run again what failed or was skipped in a run (the latest), or in one step of it, with the flags of that run."""
    from penstock.service import retrying

    before = retrying.former(options.workspace(given), run)
    workspace = options.workspace({**given, "as_json": True}, before.options)
    seen, plan = retrying.plan_retry(workspace, before, step)
    for name in retrying.gone(before, plan):
        hint(f"{name} is not in the project any more")
    _execute(workspace, seen.graph, plan, given, command=f"penstock retry {before.detail.run.number}")


def _resume(given: dict[str, Any], run: str) -> None:
    from penstock.service import retrying
    from penstock.service.observe import look

    names = given["names"]
    left = retrying.left_run(options.workspace(given), run or (names[0] if names else None))
    workspace = options.workspace({**given, "as_json": True}, left.options)
    number = left.detail.run.number
    if not given["as_json"]:
        click.echo(f"going on with run {number} ({left.detail.run.state.value})")
    seen = look(workspace)
    _execute(workspace, seen.graph, left.plan, given, command="", resumed=left.detail.run.id)


def _do(given: dict[str, Any], name: str, *, checks: bool) -> None:
    from penstock.service import planning

    names, passed = options.split_arguments(given["names"])
    given = {**given, "names": names, "dbt_arguments": passed}
    workspace = options.workspace(given, options.seen_options(given))
    seen, plan = planning.plan(workspace, options.asked(given, checks=checks))
    if given["dry_run"]:
        from penstock.cli.plan import print_plan

        print_plan(plan, show_all=False)
        return
    _execute(workspace, seen.graph, plan, given, command=shlex.join(["penstock", name, *_typed(name)]))


def _typed(name: str) -> list[str]:
    """The command line as typed, after the command's name."""
    typed = sys.argv[1:]
    return typed[typed.index(name) + 1 :] if name in typed else []


def _execute(
    workspace: Workspace,
    graph: AssetGraph,
    plan: Plan,
    given: dict[str, Any],
    *,
    command: str,
    resumed: str | None = None,
) -> None:
    from penstock.cli.live import display
    from penstock.cli.plan import summary
    from penstock.service.running import execute

    clear_progress()
    if not plan.to_build():
        raise UsageError("nothing to do: " + _why_nothing(plan), hint="see why: penstock plan --all")
    as_json = given["as_json"]
    if not as_json:
        click.echo(f"{summary(plan)} in {plan.environment}")
        for note in plan.notes:
            hint(note)
    shown = display(len(plan.to_build()), quiet=as_json)
    try:
        result = execute(workspace, graph, plan, command=command, listener=shown, ask=_ask, resumed=resumed)
    finally:
        shown.close()
    if as_json:
        from penstock.service.documents import result_document

        print_json(result_document(result))
    else:
        print_summary(result, plan)
    if result.exit_code:
        raise click.exceptions.Exit(result.exit_code)


def _why_nothing(plan: Plan) -> str:
    """What stands in the way of the most assets: what cannot be run from here before what is never built."""
    refused = {item.reason for item in plan.items if item.code == "refused"}
    others = {item.reason for item in plan.items if item.code not in ("not-selected", "refused")}
    return "; ".join([*sorted(refused), *sorted(others)][:2]) or "the project has no assets"


def _ask(question: str) -> bool:
    return sys.stdin.isatty() and click.confirm(question, default=False, err=True)


def print_summary(result: RunResult, plan: Plan) -> None:
    """Failures first, each with its reason and the log's last lines; then the counts and what to type next."""
    failed = [item for item in result.items if item.failed]
    tails = {key: step for step in result.steps for key in step.items if step.tail}
    printed: set[str] = set()
    for item in failed:
        click.echo("")
        click.echo(click.style(f"{item.state.value.upper()} {item.item.name}", fg="red", bold=True))
        for line in (item.message or "no reason was given").strip().splitlines():
            click.echo(f"  {line}")
        step = tails.get(item.item.key)
        if step is not None and step.id not in printed:
            printed.add(step.id)
            click.echo(click.style(f"  last lines of the log of {step.id}:", dim=True))
            for line in step.tail[-8:]:
                click.echo(click.style(f"    {line}", dim=True))
    _print_held_back(result)
    click.echo("")
    click.echo(_totals(result))
    if result.state.resumable:
        click.echo(f"go on with it: penstock run --resume {result.number}")
    elif result.exit_code:
        click.echo(
            f"fix it, then: penstock retry {result.number}    the whole log: penstock logs {result.number}"
        )
    elif not any(item.item.kind.value == "check" for item in result.items):
        hint("checks were not run: penstock build runs them")


def _print_held_back(result: RunResult) -> None:
    held = [item for item in result.items if item.state.value in ("skipped", "cancelled")]
    if held:
        click.echo("")
    for item in held[:20]:
        why = item.message or (f"{item.cause} failed" if item.cause else "")
        click.echo(
            f"{click.style(item.state.value, fg='yellow')} {item.item.name}" + (f": {why}" if why else "")
        )
    if len(held) > 20:
        click.echo(f"... and {len(held) - 20} more: penstock runs {result.number}")


def _totals(result: RunResult) -> str:
    counts = result.counts
    order = ("success", "warn", "no_op", "fail", "error", "partial", "skipped", "cancelled", "pending")
    parts = [f"{counts[name]} {name.replace('_', ' ')}" for name in order if counts.get(name)]
    rows = sum(item.rows for item in result.items if item.rows and item.item.kind.value == "asset")
    written = f", {count(rows, 'row')}" if rows else ""
    state = click.style(result.state.value, fg="green" if result.exit_code == 0 else "red", bold=True)
    return f"run {result.number} {state} in {duration(result.seconds)}: {', '.join(parts)}{written}"
