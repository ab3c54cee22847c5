"""`penstock runs`: the history, and one run with its items."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from penstock.cli import options
from penstock.cli.output import ago, count, duration, hint, print_json, table

if TYPE_CHECKING:
    from penstock.store import RunDetail, RunRecord


@click.command()
@click.argument("run", required=False)
@click.option(
    "-n", "--limit", default=20, show_default=True, type=click.IntRange(min=1), help="How many runs."
)
@options.json_option
@options.place_options
def runs(run: str | None, limit: int, **given: Any) -> None:
    """List runs, newest first, or show one (a number of the list, or `latest`)."""
    from penstock.service import inspect

    workspace = options.workspace(given)
    if run is not None:
        detail = inspect.run_detail(workspace, run)
        if given["as_json"]:
            print_json({"format": 1, **_document(detail)})
        else:
            print_detail(detail)
        return
    found = inspect.runs(workspace, limit)
    if given["as_json"]:
        print_json({"format": 1, "runs": found})
    elif not found:
        hint("nothing has run here yet: penstock run")
    else:
        headers = ("RUN", "STATE", "STARTED", "TOOK", "ENV", "RESULT", "SELECTION")
        table(headers, [_row(record) for record in found], limits=(0, 0, 0, 0, 0, 40, 40))


def _row(record: RunRecord) -> tuple[str, ...]:
    started = record.started_at or record.created_at
    took = record.ended_at - started if record.ended_at else None
    result = ", ".join(
        f"{number} {state}" for state, number in sorted(record.counts.items()) if state != "left"
    )
    selection = record.selection or "everything"
    if record.retry_of:
        selection = f"retry of {record.retry_of}"
    return (
        str(record.number),
        record.state.value,
        ago(time.time() - started),
        duration(took),
        record.environment,
        result,
        selection,
    )


def print_detail(detail: RunDetail) -> None:
    """One run: its items in the plan's order with outcome, time, rows and message; then its steps."""
    record = detail.run
    click.echo(f"run {record.number} ({record.id}): {record.state.value}, {record.command}")
    if record.message:
        click.echo(record.message)
    rows = [
        (
            item.name,
            item.state.value,
            duration(item.seconds),
            f"{item.rows:,}" if item.rows is not None else "",
            (item.message or item.reason).strip().splitlines()[0] if (item.message or item.reason) else "",
        )
        for item in detail.items
        if item.state.value != "left"
    ]
    table(("NAME", "STATE", "TOOK", "ROWS", "MESSAGE"), rows, limits=(46, 0, 0, 0, 80))
    steps = [
        (
            step.id,
            step.state.value,
            duration(step.ended_at - step.started_at if step.ended_at and step.started_at else None),
            count(len(step.items), "item"),
            ", ".join(
                f"{duration(seconds)} for {what}" for what, seconds in step.waited.items() if seconds >= 0.1
            ),
        )
        for step in detail.steps
    ]
    click.echo("")
    table(("STEP", "STATE", "TOOK", "ITEMS", "WAITED"), steps)
    hint(f"logs: penstock logs {record.number}")


def _document(detail: RunDetail) -> dict[str, Any]:
    return {"run": detail.run, "items": detail.items, "steps": detail.steps, "attempts": detail.attempts}
