"""`penstock why`: the decision about an asset, its first cause, and what would have made it the other one."""

from __future__ import annotations

from typing import Any

import click

from penstock.cli import options
from penstock.cli.output import hint, print_json, table
from penstock.cli.toolflags import ToolCommand


@click.command(cls=ToolCommand)
@click.argument("asset", required=False)
@click.option("--run", metavar="RUN", help="As it was decided in that run (a number, or latest).")
@click.option("--not-built", is_flag=True, help="List every asset that is not built, with the reason.")
@options.json_option
@options.look_options
@options.place_options
def why(asset: str | None, run: str | None, not_built: bool, **given: Any) -> None:
    """Say why an asset is built or not: now, or in a run of the past."""
    from penstock.errors import UsageError
    from penstock.service import why as reasons

    if not_built == bool(asset):
        raise UsageError("name one asset, or write --not-built", hint="penstock why orders")
    workspace = options.workspace(given, options.seen_options(given))
    if not_built:
        _print_not_built(reasons.not_built(workspace, run), as_json=given["as_json"])
        return
    found = reasons.why(workspace, str(asset), run)
    if given["as_json"]:
        print_json(found)
        return
    when = f" (run {found.run})" if found.run else ""
    click.echo(f"{found.name}: {found.decision}{when}: {found.reason}")
    if found.outcome:
        click.echo(f"  it came out as {found.outcome}")
    for link in found.because:
        click.echo(f"  because of {link.name}: {link.decision}: {link.reason}")
    for name, value in found.facts.items():
        click.echo(f"  compared  {name}: {value}")
    if found.otherwise:
        hint(f"it would be {found.otherwise}")


def _print_not_built(found: Any, *, as_json: bool) -> None:
    if as_json:
        print_json({"format": 1, "items": found})
        return
    rows = [(link.decision, link.name, link.reason) for link in found]
    table(("DECISION", "NAME", "WHY"), rows, limits=(0, 46, 90))
