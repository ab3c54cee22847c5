"""`penstock runs`: the history, and one run with its items."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.output import ago, count, duration, hint, print_json, say, state_style, table
from penstock.cli.times import local
from penstock.system.terminal import one_line

if TYPE_CHECKING:
    from penstock.run.timeline import Bar, Timeline
    from penstock.store import RunDetail, RunRecord

_LINE = 40


@click.command()
@click.argument("run", required=False)
@options.limit_option("runs", 20)
@click.option("-w", "--watch", is_flag=True, help="Refresh the display until the run has ended.")
@options.json_option
@options.place_options
def runs(run: str | None, limit: int, watch: bool, **given: object) -> None:
    """List runs, newest first, or show one (a number of the list, or `latest`)."""
    from penstock.service import inspect
    from penstock.service.documents import dated

    workspace = options.workspace(given)
    if run is not None or watch:
        detail = inspect.run_detail(workspace, run)
        while watch and not (detail.run.state.ended or detail.run.state.resumable):
            click.clear()
            print_detail(detail, inspect.run_timeline(workspace, detail))
            time.sleep(1)
            detail = inspect.run_detail(workspace, run)
        if given["as_json"]:
            print_json({"format": 1, **_document(detail)})
        else:
            print_detail(detail, inspect.run_timeline(workspace, detail))
        return
    found = inspect.runs(workspace, limit)
    if given["as_json"]:
        print_json({"format": 1, "runs": dated(found)})
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
    flags = sorted(set(record.flags.values()))
    selection = " ".join([record.selection or "everything", *flags])
    if record.retry_of:
        selection = " ".join([f"retry of {record.retry_of}", *flags])
    return (
        str(record.number),
        record.state.value,
        ago(time.time() - started),
        duration(took),
        record.environment,
        result,
        selection,
    )


def print_detail(detail: RunDetail, timeline: Timeline) -> None:
    """One run: its items in the plan's order with outcome, time, rows and message; then its steps over time."""
    from penstock.service.auditing import lines

    record = detail.run
    say(f"run {record.number} ({record.id}): {state_style(record.state.value)}, {record.command}")
    for name, flags in sorted(record.flags.items()):
        say(f"{name}: made with {flags}: a plain run may make something else")
    if record.message:
        click.echo(record.message)
    rows = [
        (
            item.name,
            item.state.value,
            duration(item.seconds),
            f"{item.rows:,}" if item.rows is not None else "",
            (item.message or local(item.reason)).strip().partition("\n")[0],
        )
        for item in detail.items
        if item.state.value != "left"
    ]
    table(("NAME", "STATE", "TOOK", "ROWS", "MESSAGE"), rows, limits=(46, 0, 0, 0, 80))
    click.echo("")
    for audit in lines(detail.reuse_audits):
        click.echo(audit)
    length = _length()
    steps = [
        (
            ("* " if bar.critical else "  ") + bar.step,
            _line(bar, timeline.seconds, length),
            duration(bar.begun),
            duration(bar.ended - bar.begun) if bar.ended is not None else "goes on",
            count(bar.items, "item"),
            ", ".join(
                f"{duration(seconds)} for {what}" for what, seconds in bar.waited.items() if seconds >= 0.1
            ),
        )
        for bar in timeline.bars
    ]
    table(("  STEP", "TIME", "AFTER", "TOOK", "ITEMS", "WAITED"), steps)
    told = {item.message for item in detail.items}
    for step in detail.steps:
        if step.state.value == "failed" and step.message and step.message not in told:
            click.echo(f"{step.id} {state_style('failed')}: {one_line(step.message)}")
    if used := _used(detail):
        click.echo(f"used: {used}")
    if timeline.critical:
        hint("* the critical path: what the end of the run waited for")
    hint(f"logs: penstock logs {record.number}")


def _used(detail: RunDetail) -> str:
    """What warehouses say that the run used; nothing where none says anything."""
    told = [item.usage for item in detail.items if item.usage is not None]
    seconds = [usage.seconds for usage in told if usage.seconds is not None]
    money: dict[str, float] = {}
    for usage in told:
        if usage.money is not None:
            money[usage.currency or "?"] = money.get(usage.currency or "?", 0.0) + usage.money
    parts = [f"{duration(sum(seconds))} in the warehouse"] if seconds else []
    parts += [f"{amount:,.4g} {currency}" for currency, amount in sorted(money.items())]
    return ", ".join(parts)


def _length() -> int:
    """Of the line that is the run: what a terminal leaves beside the other columns."""
    if not sys.stdout.isatty():
        return _LINE
    from penstock.cli.layout import terminal_width

    return min(_LINE, max(10, terminal_width() - 65))


def _line(bar: Bar, whole: float, length: int) -> str:
    """When the step waited (.) and ran (#), on a line of the run's length."""
    scale = length / max(whole, 0.001)
    ready, begun = int(bar.ready * scale), int(bar.begun * scale)
    ended = length if bar.ended is None else max(int(bar.ended * scale), begun + 1)
    drawn = " " * min(ready, begun) + "." * max(0, begun - ready) + "#" * (ended - begun)
    return drawn[:length].ljust(length)


def _document(detail: RunDetail) -> dict[str, object]:
    from penstock.service.documents import dated_record

    return dated_record(detail)
