"""`penstock incidents`: what is wrong, each root cause once, and a person's word on it."""

from __future__ import annotations

import getpass
import time
from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.output import ago, count, hint, print_json, table
from penstock.errors import UsageError
from penstock.system.durations import EXAMPLES, seconds_of

if TYPE_CHECKING:
    from penstock.store import Incident


@click.command()
@options.limit_option("incidents", 20)
@click.option("--open", "open_only", is_flag=True, help="Only open incidents.")
@click.option("--mute", metavar="ID", help="Send nothing more about an open incident until it is closed.")
@click.option(
    "--for", "length", metavar="TIME", default="4h", show_default=True, help="For how long: 2h, 1d."
)
@options.json_option
@options.place_options
def incidents(limit: int, open_only: bool, mute: str | None, length: str, **given: object) -> None:
    """List incidents, one for each root cause, open ones first."""
    from penstock.service import alerting

    workspace = options.workspace(given)
    if mute is not None:
        seconds = seconds_of(length)
        if not seconds:
            raise UsageError(f"--for {length!r} is no length of time", hint=f"write {EXAMPLES}")
        alerting.mute(workspace, mute, getpass.getuser(), seconds)
        click.echo(f"muted for {length}: {mute}")
        return
    found, unsent = alerting.incidents(workspace, limit=limit, open_only=open_only)
    if given["as_json"]:
        from penstock.service.automationpage import incidents_document

        print_json(incidents_document(found, unsent))
        return
    if not found:
        hint("no incidents" + (" are open" if open_only else ""))
    else:
        now = time.time()
        headers = ("ID", "STATE", "KIND", "OPENED", "AFFECTED", "WHAT", "WHY")
        table(headers, [_row(one, now) for one in found], limits=(0, 0, 0, 0, 0, 50, 70))
    for letter in unsent:
        tries = count(letter.tries, "try", "tries")
        hint(f"not sent to {letter.channel} ({tries}): {letter.trouble or 'waits'}")


def _row(one: Incident, now: float) -> tuple[str, ...]:
    state = "over" if one.closed_at is not None else "open"
    if state == "open" and (one.muted_until or 0.0) > now:
        state = f"muted by {one.muted_by}"
    told = one.told
    affected = f"{len(told.affected)}" + (f" ({count(told.exposures, 'exposure')})" if told.exposures else "")
    return (
        one.id,
        state,
        one.kind,
        ago(now - one.opened_at),
        affected if told.affected else "",
        told.title,
        told.why,
    )
