"""`penstock drift`: what has changed at sources, and which columns, tests and exposures that breaks or touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.output import count, hint, is_quiet, print_json
from penstock.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from penstock.service.drift import Drift

_BREAKS = frozenset({"column_removed", "column_changed", "stream_removed"})


@click.command(cls=SectionedCommand)
@options.json_option
@click.option("--discover", is_flag=True, help="Discover the sources' schemas first; slow.")
@options.refresh_option
@options.look_options
@options.place_options
def drift(**given: object) -> None:
    """Show schema changes at the sources since the last load, and what they break, before the next sync.

    Exit code 1 when a change breaks something.
    """
    from penstock.service import drift as service
    from penstock.service.observe import look

    seen_options = {**options.seen_options(given), "discover": given["discover"]}
    workspace = options.workspace(given, seen_options)
    seen = look(workspace, may_call=True, refresh=bool(given["refresh"] or given["discover"]))
    found = service.drifts(workspace, seen)
    if given["as_json"]:
        project = workspace.project
        print_json(
            service.DriftDocument(
                format=service.FORMAT, project=project.name, environment=project.environment, changes=found
            )
        )
    else:
        breaking = [one for one in found if _breaks(one)]
        for one in breaking if is_quiet() else found:
            _print(one)
        if is_quiet():
            click.echo(f"{count(len(found), 'change')}, {len(breaking)} that break something")
        elif not found:
            hint("nothing has changed at the sources that is not loaded yet")
    if any(_breaks(one) for one in found):
        raise click.exceptions.Exit(1)


def _breaks(one: Drift) -> bool:
    return one.kind in _BREAKS and bool(one.reach.read or one.reach.filtered)


def _print(one: Drift) -> None:
    word, colour = ("breaks", "red") if _breaks(one) else ("changed", "yellow")
    click.echo(
        f"{click.style(word, fg=colour, bold=True)}  {one.message}  ({one.connection}, on_drift: {one.policy})"
    )
    reach = one.reach
    for label, names in (
        ("read by", reach.read),
        ("rows of", reach.filtered),
        ("derived", reach.derived),
        ("tests", reach.checks),
        ("exposures", reach.exposures),
    ):
        if names:
            shown = ", ".join(names[:8]) + (
                f" and {count(len(names) - 8, 'other')}" if len(names) > 8 else ""
            )
            click.echo(f"  {label:<9}  {shown}")
    if reach.nothing and one.kind in _BREAKS:
        click.echo("  nothing here reads it")
