"""`penstock automation`: what is scheduled, what became of it, and a person's word on it."""

from __future__ import annotations

import getpass
import time
from datetime import datetime
from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.output import ago, count, hint, print_json, table
from penstock.cli.times import clock, local

if TYPE_CHECKING:
    from penstock.service.automation import ScheduleState, Status
    from penstock.service.inbox import EventDocument
    from penstock.service.simulating import Simulated
    from penstock.store import Tick


@click.group()
def automation() -> None:
    """Inspect and control automation: status, next, events, pause, resume, release, simulate."""


@automation.command()
@options.limit_option("starts", 10)
@click.option("--probe", is_flag=True, help="Print nothing; exit code 1 when no daemon is running.")
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
            (clock(tick.at), tick.schedule, tick.state.value, _run(tick, found), local(tick.reason))
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
    following = clock(one.next_due) if one.next_due is not None else "nothing is due"
    if one.paused or found.paused:
        following = f"paused {one.paused or found.paused}"
    last = f"{one.last.state.value} {ago(found.now - one.last.at)}" if one.last else ""
    return one.name, following, last, one.when, one.run


def _run(tick: Tick, found: Status) -> str:
    return str(found.run_numbers.get(tick.run, "pruned")) if tick.run else ""


@automation.command("next")
@click.argument("schedule", required=False)
@options.limit_option("starts", 10)
@options.json_option
@options.place_options
def next_(schedule: str | None, limit: int, **given: object) -> None:
    """List the next starts of all schedules or of one, with jitter."""
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
@options.limit_option("events", 10)
@options.json_option
@options.place_options
def events(limit: int, **given: object) -> None:
    """Show what other systems told and sensors saw, newest first, and what became of it."""
    from penstock.service import inbox

    workspace = options.workspace(given)
    found = inbox.events(workspace, limit)
    if given["as_json"]:
        print_json(found)
        return
    if found.events:
        rows = [(_moment(one.received_at), one.name, one.kind, one.id, _became(one)) for one in found.events]
        table(("RECEIVED", "EVENT", "KIND", "ID", "WHAT BECAME OF IT"), rows, limits=(0, 0, 40, 40, 90))
    elif workspace.project.document.events:
        hint(
            "no event yet: others send them to /api/v1/events/NAME of `penstock up`, which looks for those of sensors"
        )
    else:
        hint("nobody may tell of anything: penstock.yml has no events")


def _moment(told: str) -> str:
    return clock(datetime.fromisoformat(told).timestamp())


def _became(one: EventDocument) -> str:
    """How its starts stand now; where there are none, what was said when it was looked at."""
    if not one.ticks:
        return one.outcome or "waits for a daemon: penstock up"
    return "; ".join(
        f"{tick.schedule} {tick.state}" + (f" (run {tick.run})" if tick.run is not None else "")
        for tick in one.ticks
    )


@automation.command()
@click.argument("schedule", required=False)
@click.option(
    "--why", default="", metavar="TEXT", help="The reason; it is shown with every start that is skipped."
)
@options.place_options
def pause(schedule: str | None, why: str, **given: object) -> None:
    """Pause SCHEDULE, or all automation, until it is resumed. Active runs are not stopped."""
    from penstock.service import automation as service

    service.pause(options.workspace(given), schedule, getpass.getuser(), why)
    click.echo(f"paused: {schedule or 'all automation'}")


@automation.command()
@click.argument("schedule", required=False)
@options.place_options
def resume(schedule: str | None, **given: object) -> None:
    """Resume SCHEDULE, or all automation. Starts that were missed are not made up for."""
    from penstock.service import automation as service

    if service.resume(options.workspace(given), schedule):
        click.echo(f"resumed: {schedule or 'all automation'}")
    else:
        click.echo(f"{schedule or 'all automation'} was not paused")


@automation.command()
@click.option(
    "-s", "--select", multiple=True, metavar="SELECT", help="Only of these; default: all that is held."
)
@options.quiet_option
@options.place_options
def release(select: tuple[str, ...], **given: object) -> None:
    """Let what automation holds be tried again: after failures, a cancel, or a plan that was too large."""
    from penstock.service import standing

    found = standing.release(options.workspace(given), select, getpass.getuser())
    if not found:
        hint("nothing is held there" if select else "nothing is held")
    for name in found:
        click.echo(f"released: {name}")


@automation.command()
@click.option(
    "--days", default=7.0, show_default=True, type=click.FloatRange(min=0.1, max=366), help="How long."
)
@click.option(
    "--every", default="1h", show_default=True, metavar="TIME", help="How often each connection is synced."
)
@click.option(
    "--rows",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="The part of the syncs that bring new rows.",
)
@click.option("--seed", default=1, show_default=True, type=int, help="The same seed gives the same week.")
@options.json_option
@options.quiet_option
@options.place_options
def simulate(days: float, every: str, rows: float, seed: int, **given: object) -> None:
    """Say what the policies of this project would build: on a virtual clock, with syncs at random times. Starts nothing."""
    from penstock.cli.scheduled import read_command
    from penstock.errors import UsageError
    from penstock.service.simulating import simulate as run
    from penstock.system.durations import EXAMPLES, seconds_of

    seconds = seconds_of(every)
    if not seconds or seconds < 60:
        raise UsageError(f"--every {every!r} is no length of time above a minute", hint=f"write {EXAMPLES}")
    workspace = options.workspace(given)
    found = run(workspace, read_command, days=days, every=seconds, rows=rows, seed=seed)
    if given["as_json"]:
        print_json(found)
    else:
        _print_simulated(found)


def _print_simulated(found: Simulated) -> None:
    days = "1 day" if found.days == 1 else f"{found.days:g} days"
    sums = (count(found.tables, "table"), count(found.loads, "sync"))
    click.echo(f"{days}, {', '.join(sums)}: {count(found.runs, 'run')}")
    rows = [(one.build, str(one.tables), f"{one.per_day:,.1f}") for one in found.policies]
    rows.append(("together", str(found.tables), f"{found.builds_per_day:,.1f}"))
    rows.append(("one wave for each sync", str(found.tables), f"{found.per_sync:,.1f}"))
    table(("POLICY", "TABLES", "BUILDS A DAY"), rows)
    if found.busiest:
        busiest = ", ".join(f"{name} {per_day:,.1f}" for name, per_day in found.busiest.items())
        click.echo(f"most often, in a day: {busiest}")
    for kept in found.promises:
        state = (
            "kept"
            if not kept.broken_seconds
            else f"broken {count(kept.times, 'time')}, {kept.broken_seconds / 3600:.1f} h"
        )
        told = (
            ""
            if not kept.broken_seconds
            else (f", {kept.avoidable_seconds / 3600:.1f} h of it with newer data there in time")
        )
        click.echo(f"{kept.name} ({kept.promised}): {state}{told}")
    if found.covered is not None:
        click.echo(f"runs took no longer than predicted (p90): {found.covered:.0%}")
    if found.guarded:
        click.echo("a guard (builds_per_day, runs_per_hour) held some builds back: penstock policy ASSET")
    if found.assumed:
        hint(f"of {count(found.assumed, 'table')} the duration is not known: 30 s are assumed")
