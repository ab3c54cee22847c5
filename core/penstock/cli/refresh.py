"""`penstock refresh`: observe everything again."""

from __future__ import annotations

import click

from penstock.cli import options
from penstock.cli.output import clear_progress, count, hint, is_quiet, table
from penstock.cli.toolflags import ToolCommand


@click.command(cls=ToolCommand)
@options.look_options
@options.place_options
def refresh(**given: object) -> None:
    """Refresh all metadata: the dbt project, Airbyte's streams, the warehouse's catalog."""
    from penstock.service.arrivals import watch
    from penstock.service.explore import iso
    from penstock.service.observe import look

    workspace = options.workspace(given, options.seen_options(given))
    seen = look(workspace, may_call=True, refresh=True)
    unasked = watch(workspace, seen.graph)
    clear_progress()
    rows = [(name, iso(at), seen.stale.get(name, "")) for name, at in sorted(seen.taken_at.items())]
    last = f"{count(len(seen.graph.assets), 'asset')}, {count(len(seen.graph.findings), 'finding')}"
    if is_quiet():
        for name, _, stale in rows:
            if stale:
                hint(f"{name} was not refreshed: {stale}", important=True)
        click.echo(last)
        return
    table(("PART", "AS OF", "NOT REFRESHED"), rows)
    for told in unasked:
        hint(f"not asked how new its sources are: {told}")
    hint(last)
