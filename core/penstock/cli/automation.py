"""`penstock automation`: what is scheduled, what became of it, and a person's word on it."""

from __future__ import annotations

import getpass
import time
from typing import TYPE_CHECKING, Any

import click

from penstock.cli import options
from penstock.cli.output import ago, hint, print_json, table
from penstock.cli.up import clock

if TYPE_CHECKING:
    from penstock.service.automation import ScheduleState, Status
    from penstock.store import Tick


@click.group()
def automation() -> None:
    """See and steer what starts by itself: status, next, pause, resume."""


@automation.command()
@click.option(
    "-n", "--limit", default=10, show_default=True, type=click.IntRange(min=1), help="How many ticks."
)
@click.option("--probe", is_flag=True, help="Say nothing; exit code 1 when no daemon is alive.")
@options.json_option
@options.place_options
def status(limit: int, probe: bool, **given: object) -> None:
    """Show schedules, what became of the newest ticks and why, and the daemons."""
    from penstock.cli.scheduled import read_command
    from penstock.service import automation as service

    workspace = options.workspace({**given, "as_json": given["as_json"] or probe})
    found = service.status(workspace, read_command, limit=limit)
    if probe:
        if not found.alive:
            raise click.exceptions.Exit(1)
        return
    if given["as_json"]:
        from penstock.service.automationpage import status_document

        print_json(status_document(found))
        return
    _print_status(found)


def _print_status(found: Status) -> None:
    if not found.schedules:
        hint("nothing will start by itself: penstock.yml has no schedules")
    else:
        rows = [_row(one, found) for one in found.schedules]
        table(("SCHEDULE", "NEXT", "LAST", "WHEN", "RUN"), rows, limits=(0, 0, 50, 40, 60))
    if found.ticks:
        click.echo("")
        ticks = [
            (clock(tick.at), tick.schedule, tick.state.value, _run(tick, found), tick.reason)
            for tick in found.ticks
        ]
        table(("TICK", "SCHEDULE", "STATE", "RUN", "REASON"), ticks, limits=(0, 0, 0, 0, 90))
    if found.paused:
        hint(f"all automation is paused {found.paused} (penstock automation resume)")
    if found.gone:
        hint("not in penstock.yml any more: " + ", ".join(found.gone))
    for one in found.alive:
        hint(
            f"daemon on {one.owner.host} (process {one.owner.pid}): {one.saying}, {ago(found.now - one.seen_at)}"
        )
    if not found.alive:
        hint("no daemon is at work: nothing starts before somebody runs `penstock up`")


def _row(one: ScheduleState, found: Status) -> tuple[str, ...]:
    following = clock(one.next_due) if one.next_due is not None else "never again"
    if one.paused or found.paused:
        following = f"paused {one.paused or found.paused}"
    last = f"{one.last.state.value} {ago(found.now - one.last.at)}" if one.last else ""
    return one.name, following, last, one.when, one.run


def _run(tick: Tick, found: Status) -> str:
    return str(found.run_numbers.get(tick.run, "pruned")) if tick.run else ""


@automation.command("next")
@click.argument("schedule", required=False)
@click.option(
    "-n", "--limit", default=10, show_default=True, type=click.IntRange(min=1), help="How many ticks."
)
@options.json_option
@options.place_options
def next_(schedule: str | None, limit: int, **given: Any) -> None:
    """List what starts next, of all schedules or of one, jitter included."""
    from penstock.service import automation as service

    found = service.upcoming(options.workspace(given), time.time(), limit, schedule)
    if given["as_json"]:
        from penstock.service.automationpage import upcoming_document

        print_json(upcoming_document(found))
        return
    if not found:
        hint("nothing will start by itself: penstock.yml has no schedules")
        return
    table(
        ("DUE", "SCHEDULE", "RUN"),
        [(time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(t.due)), t.schedule, t.run) for t in found],
    )


@automation.command()
@click.argument("schedule", required=False)
@click.option(
    "--why", default="", metavar="TEXT", help="The reason, which is shown with every tick that it skips."
)
@options.place_options
def pause(schedule: str | None, why: str, **given: object) -> None:
    """Start nothing of SCHEDULE, or nothing at all, until it is resumed. Runs that go on are left alone."""
    from penstock.service import automation as service

    service.pause(options.workspace(given), schedule, getpass.getuser(), why)
    click.echo(f"paused: {schedule or 'all automation'}")


@automation.command()
@click.argument("schedule", required=False)
@options.place_options
def resume(schedule: str | None, **given: Any) -> None:
    """Let SCHEDULE, or all automation, go on. What was due meanwhile is not made up for."""
    from penstock.service import automation as service

    if service.resume(options.workspace(given), schedule):
        click.echo(f"resumed: {schedule or 'all automation'}")
    else:
        click.echo(f"{schedule or 'all automation'} was not paused")
