"""`penstock freshness` and `penstock policy`: how old the data is against what was promised, and which line says so."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.output import hint, print_json, table
from penstock.cli.sections import SectionedCommand
from penstock.cli.times import clock
from penstock.cli.toolflags import ToolCommand

if TYPE_CHECKING:
    from penstock.service.freshness import Kept


@click.command(cls=SectionedCommand)
@click.option("--check", is_flag=True, help="Exit code 1 when a promise is broken (fail).")
@options.select_options
@options.json_option
@options.refresh_option
@options.look_options
@options.place_options
def freshness(check: bool, **given: object) -> None:
    """Show every freshness promise: how old the data is, what that comes from, and when newer data is expected.

    The age is that of the data, not of the last build: a table that was rebuilt on old data is as old as that.
    """
    from penstock.cli.scheduled import read_command
    from penstock.service.choose import choose
    from penstock.service.freshness import freshness as read_freshness
    from penstock.service.observe import look

    workspace = options.workspace(given, options.seen_options(given))
    seen = look(workspace, refresh=bool(given["refresh"]), may_call=bool(given["refresh"]))
    chosen = None
    if options.narrows(given):
        include, exclude, selector = options.selection(given)
        chosen = choose(workspace, seen, include, exclude, selector).assets
    found = read_freshness(workspace, seen, read_command, chosen)
    if given["as_json"]:
        from penstock.service.freshnesspage import freshness_document

        print_json(freshness_document(workspace.project.environment, found))
    elif not found:
        hint("nothing is promised" + (" there" if chosen is not None else _HOW))
    else:
        _print(found)
    if check and any(one.verdict.state.value == "fail" for one in found):
        raise click.exceptions.Exit(1)


_HOW = ': say it in penstock.yml, policies: [{select: "exposure:board", fresh: {warn: 4h, fail: 6h}}]'


def _print(found: list[Kept]) -> None:
    rows = [
        (
            one.name,
            one.verdict.state.value,
            age(one.age),
            one.fresh.text,
            _deadline(one),
            clock(one.verdict.ready) if one.verdict.ready is not None else "",
            one.why,
        )
        for one in found
    ]
    table(("NAME", "STATE", "AGE", "PROMISED", "TOO OLD AT", "NEWER AT", "WHY"), rows)


def _deadline(one: Kept) -> str:
    at = one.verdict.deadline
    return clock(at) if at is not None and at != inf else ""


def age(seconds: float | None) -> str:
    """`20m`, `9h 05m`, `3d 04h`."""
    if seconds is None:
        return ""
    if seconds == inf or seconds < 0:
        return "none"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes}m" if minutes else f"{int(seconds)}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes:02d}m" if hours < 48 else f"{hours // 24}d {hours % 24:02d}h"


@click.command(cls=ToolCommand)
@click.argument("asset")
@options.json_option
@options.look_options
@options.place_options
def policy(asset: str, **given: object) -> None:
    """Show the settings of ASSET, and the line of penstock.yml that sets each."""
    from penstock.service.freshness import fields_of, policies
    from penstock.service.observe import look

    workspace = options.workspace(given, options.seen_options(given))
    seen = look(workspace)
    found = seen.graph.names.find(asset)
    held = policies(workspace, seen).get(found.key)
    fields = fields_of(workspace, held)
    name = seen.graph.names.shown(found.key)
    if given["as_json"]:
        from penstock.service.doctorpage import policy_document

        print_json(policy_document(name, fields))
    else:
        if held is None:
            hint(f"no policy of penstock.yml selects {name}")
        table(("FIELD", "VALUE", "SAID BY"), [(one.name, _value(one.value), one.line) for one in fields])


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
