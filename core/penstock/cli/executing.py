"""A plan executed for the command line: shown while it goes on, summed up at its end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from penstock.cli.given import Given
from penstock.cli.output import (
    clear_progress,
    count,
    duration,
    hint,
    is_quiet,
    print_json,
    state_style,
    unread_is_no_failure,
)
from penstock.cli.streams import discard_unread, unread
from penstock.cli.times import local
from penstock.errors import UsageError

if TYPE_CHECKING:
    from penstock.graph import AssetGraph
    from penstock.plan import Plan
    from penstock.run import RunResult
    from penstock.service.workspace import Workspace


_HELD_BACK = ("skipped", "cancelled")


def execute_plan(
    workspace: Workspace,
    graph: AssetGraph,
    plan: Plan,
    given: Given,
    *,
    command: str,
    resumed: str | None = None,
    key: str | None = None,
    without_checks: bool = False,
) -> None:
    """Run it and show it; with `without_checks`, say at the end which command runs the checks that were left out.

    Raises Exit with the run's exit code, UsageError when there is nothing to do.
    """
    from penstock.cli.live import display
    from penstock.cli.plan import summary
    from penstock.service.running import execute

    clear_progress()
    if not plan.to_build() and not any(item.decision.value == "reuse" for item in plan.items):
        raise UsageError("nothing to do: " + _why_nothing(plan), hint="see why: penstock plan --all")
    as_json = given["as_json"]
    if not as_json and not is_quiet():
        with unread_is_no_failure():
            click.echo(f"{summary(plan)} in {plan.environment}")
            for note in plan.notes:
                hint(note)
    shown = display(len(plan.to_end()), quiet=as_json or is_quiet())
    try:
        result = execute(
            workspace, graph, plan, command=command, listener=shown, ask=shown.ask, resumed=resumed, key=key
        )
    finally:
        with unread_is_no_failure():
            shown.close()
    with unread_is_no_failure():
        _show(
            result,
            plan,
            as_json=as_json,
            unchecked=without_checks and _unchecked(graph, plan),
        )
        if not as_json:
            _print_audits(workspace, result, plan)
    if result.exit_code:
        raise click.exceptions.Exit(result.exit_code)


def _print_audits(workspace: Workspace, result: RunResult, plan: Plan) -> None:
    """What was built although it would have been reused."""
    from penstock.service.auditing import audited_in, of_run

    for line in of_run(workspace, result.run) if audited_in(plan) else ():
        click.echo(line)


def _unchecked(graph: AssetGraph, plan: Plan) -> bool:
    """Whether what is made has tests, and none of them is in the plan."""
    from penstock.service.planning import checks_of

    items = plan.to_build()
    return not any(item.kind.value == "check" for item in items) and bool(
        checks_of(graph, [item.key for item in items])
    )


def _show(result: RunResult, plan: Plan, *, as_json: bool, unchecked: bool) -> None:
    if unread(result.unheard):
        discard_unread()
    elif result.unheard is not None:
        hint(
            f"the run could not be shown to its end: {type(result.unheard).__name__}: {result.unheard}",
            important=True,
        )
    if as_json:
        from penstock.service.documents import result_document

        print_json(result_document(result))
    elif is_quiet():
        _print_errors(result)
        for line in (result.message, _totals(result)):
            if line:
                click.echo(line)
    else:
        print_summary(result, plan, unchecked=unchecked)


def _why_nothing(plan: Plan) -> str:
    """What stands in the way of the most assets: what cannot be run from here before what is never built."""
    refused = {item.reason for item in plan.items if item.code == "refused"}
    others = {item.reason for item in plan.items if item.code not in ("not-selected", "refused")}
    return local("; ".join([*sorted(refused), *sorted(others)][:2])) or (
        "what is selected is not built" if plan.items else "the project has no assets"
    )


def print_summary(result: RunResult, plan: Plan, *, unchecked: bool) -> None:
    """Failures first, each with its reason and the log's last lines; then the counts and what to type next."""
    _print_errors(result)
    _print_held_back(result)
    click.echo("")
    click.echo(_totals(result))
    if result.message:
        click.echo(result.message + _going_on(result))
    if result.state.resumable:
        click.echo(f"go on with it: penstock run --resume {result.number}")
    elif result.state.value == "cancelled":
        click.echo(f"do what is left: penstock retry {result.number}")
    elif result.exit_code and not result.failures:
        click.echo(f"everything was made, but the run failed: penstock logs {result.number}")
    elif result.exit_code:
        click.echo(
            f"fix it, then: penstock retry {result.number}    the whole log: penstock logs {result.number}"
        )
    elif unchecked:
        hint("checks were not run: penstock build runs them")


def _print_errors(result: RunResult) -> None:
    _print_failures(result)
    for one in result.beside:
        if not one.outcome.good and one.outcome.value not in _HELD_BACK:
            click.echo("")
            click.echo(
                state_style(
                    one.outcome.value, f"{one.outcome.value.upper()} {one.kind} {one.name}", bold=True
                )
            )
            for line in (one.message or "its words are in the log").strip().splitlines():
                click.echo(f"  {line}")
    for step in result.failed_steps:
        click.echo("")
        click.echo(state_style("error", f"ERROR step {step.id}", bold=True))
        click.echo(f"  {step.message or 'no reason was given'}")


def _print_failures(result: RunResult) -> None:
    """What failed for one reason is told once, and no line of a log repeats that reason."""
    failed: dict[tuple[str, str, str | None], list[str]] = {}
    for item in result.items:
        if item.failed:
            why = (item.message or "no reason was given").strip()
            failed.setdefault((item.state.value, why, item.step), []).append(item.item.name)
    told = [why for _, why, _ in failed] + [one.message or "" for one in result.beside]
    said = {line.strip() for why in told for line in why.splitlines()}
    tails = {step.id: [line for line in step.tail if line.strip() not in said] for step in result.steps}
    for (state, why, step), names in failed.items():
        shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        click.echo("")
        click.echo(state_style(state, f"{state.upper()} {shown}", bold=True))
        for line in why.splitlines():
            click.echo(f"  {line}")
        if step is not None and (tail := tails.pop(step, [])):
            click.echo(click.style(f"  last lines of the log of {step}:", dim=True))
            for line in tail[-8:]:
                click.echo(click.style(f"    {line}", dim=True))


def _print_held_back(result: RunResult) -> None:
    held: dict[tuple[str, str], list[str]] = {}
    for item in result.items:
        if item.state.value in _HELD_BACK:
            why = item.message or (f"{item.cause} failed" if item.cause else "")
            why = "" if why in (item.state.value, result.message) else why
            held.setdefault((item.state.value, why), []).append(item.item.name)
    for one in result.beside:
        if one.outcome.value in _HELD_BACK:
            held.setdefault((one.outcome.value, one.message or ""), []).append(f"{one.kind} {one.name}")
    if held:
        click.echo("")
    for (state, why), names in list(held.items())[:20]:
        shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        click.echo(f"{state_style(state)} {shown}" + (f": {why}" if why else ""))
    if len(held) > 20:
        click.echo(f"... and more, for other reasons: penstock runs {result.number}")


def _going_on(result: RunResult) -> str:
    """What a run that was left has going on."""
    steps = [step.id for step in result.steps if step.state == "running"] if result.state.resumable else []
    if not steps:
        return ""
    shown = ", ".join(steps[:5]) + (f" and {len(steps) - 5} more" if len(steps) > 5 else "")
    return f"; {shown} {'goes' if len(steps) == 1 else 'go'} on without us"


def _totals(result: RunResult) -> str:
    counts = result.counts
    order = (
        "success",
        "warn",
        "no_op",
        "fail",
        "error",
        "partial",
        "skipped",
        "cancelled",
        "reused",
        "pending",
    )
    parts = [f"{counts[name]} {name.replace('_', ' ')}" for name in order if counts.get(name)]
    beside = Counter(f"{one.kind} {one.outcome.value}" for one in result.beside)
    parts += [f"{number} {name}" for name, number in beside.items()]
    rows = sum(item.rows for item in result.items if item.rows and item.item.kind.value == "asset")
    written = f", {count(rows, 'row')}" if rows else ""
    state = state_style(result.state.value, bold=True)
    return f"run {result.number} {state} in {duration(result.seconds)}: {', '.join(parts)}{written}"
