"""`penstock ingest`: learn what a tool made elsewhere from the artefacts it left."""

from __future__ import annotations

from pathlib import Path

import click

from penstock.cli import options
from penstock.cli.output import clear_progress, count, hint, print_json
from penstock.cli.sections import SectionedCommand


@click.command(cls=SectionedCommand)
@click.argument("path", metavar="PATH")
@click.option(
    "--instance", metavar="NAME", help="The instance that the artefacts belong to, when there are several."
)
@options.json_option
@options.look_options
@options.place_options
def ingest(path: str, instance: str | None, **given: object) -> None:
    """Record runs that happened elsewhere (CI, dbt Cloud) from the artefacts in PATH: run_results.json, sources.json."""
    from penstock.service.ingesting import ingest as learn
    from penstock.service.observe import look

    workspace = options.workspace(given, options.seen_options(given))
    found = learn(workspace, look(workspace), Path(path).absolute(), instance)
    clear_progress()
    if given["as_json"]:
        print_json(found)
        return
    when = f", the newest made at {found.newest_at}" if found.newest_at else ""
    click.echo(f"{found.instance}: {count(found.assets, 'asset')}, {count(found.checks, 'check')}{when}")
    _tell("made in another target", found.elsewhere)
    _tell("not known here", found.unknown)


def _tell(what: str, ids: tuple[str, ...]) -> None:
    if ids:
        more = f" and {len(ids) - 3} more" if len(ids) > 3 else ""
        hint(f"{count(len(ids), 'node')} {what}: {', '.join(ids[:3])}{more}")
