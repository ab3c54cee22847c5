"""`penstock plan`: what would run, what not, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.output import count, hint, is_quiet, print_json, table
from penstock.cli.sections import SectionedCommand
from penstock.cli.times import local

if TYPE_CHECKING:
    from penstock.plan import Plan, PlanItem


@click.command(cls=SectionedCommand)
@options.select_options
@options.run_options
@click.option("--no-tests", is_flag=True, help="Without tests, as penstock run does.")
@click.option("--all", "show_all", is_flag=True, help="Also show what is not selected.")
@options.json_option
@options.refresh_option
@options.start_option
@options.reuse_option
@options.look_options
@options.place_options
def plan(**given: object) -> None:
    """Show what would run, what would not, and why. Nothing is built."""
    from penstock.service import planning

    workspace = options.workspace(given, options.seen_options(given))
    _, found = planning.plan(workspace, options.asked(given, checks=not given["no_tests"]))
    if given["as_json"]:
        from penstock.service.documents import plan_document

        print_json(plan_document(found))
        return
    print_plan(found, show_all=bool(given["show_all"]))


def print_plan(found: Plan, *, show_all: bool) -> None:
    """The plan as a table, what is built first in its order, then the rest; with -q the counts alone."""
    if is_quiet():
        click.echo(summary(found))
        return
    shown = [item for item in found.items if show_all or item.code != "not-selected"]
    rows = [_row(item) for item in sorted(shown, key=lambda item: _ORDER.get(item.decision.value, 0))]
    table(("DECISION", "NAME", "KIND", "BY", "WHY"), rows, limits=(0, 46, 14, 24, 70))
    for note in found.notes:
        hint(note)
    hidden = len(found.items) - len(shown)
    hint(summary(found) + (f"; {hidden} not selected (--all shows them)" if hidden else ""))


_ORDER = {"build": 0, "reuse": 1, "skip": 2}


def _row(item: PlanItem) -> tuple[str, str, str, str, str]:
    by = f"{item.ref.integration}/{item.ref.instance}"
    return (
        decision_word(item.decision.value, item.code),
        item.name,
        item.resource_type,
        by,
        local(item.reason),
    )


def decision_word(decision: str, code: str) -> str:
    """`maybe` for what is decided once something else is made: it is planned as a build."""
    return "maybe" if decision == "build" and code == "undecided" else decision


def summary(found: Plan) -> str:
    """`12 assets to build (2 syncs), 31 to be decided, 640 up to date, 18 checks (11 reused), 9 not built`."""
    built = found.to_build()
    assets = [item for item in built if item.kind.value == "asset"]
    syncs = {item.unit for item in assets if item.step_kind == "sync"}
    open_ones = sum(1 for item in assets if item.code == "undecided")
    certain = count(len(assets) - open_ones, "asset")
    parts = [f"{certain} to build" + (f" ({count(len(syncs), 'sync')})" if syncs else "")]
    if open_ones:
        parts.append(f"{open_ones} to be decided")
    reused = [item for item in found.items if item.decision.value == "reuse"]
    standing = [item for item in reused if item.kind.value == "check"]
    if len(reused) > len(standing):
        parts.append(f"{len(reused) - len(standing)} up to date")
    checks = count(len(built) - len(assets) + len(standing), "check")
    parts.append(checks + (f" ({len(standing)} reused{_failed(standing)})" if standing else ""))
    skipped = sum(1 for item in found.items if item.decision.value == "skip" and item.code != "not-selected")
    if skipped:
        parts.append(f"{skipped} not built")
    return ", ".join(parts)


def _failed(standing: list[PlanItem]) -> str:
    """Verdicts that fail the run without a test being run."""
    failed = sum(1 for item in standing if item.verdict == "fail")
    return f", {failed} of them failed" if failed else ""
