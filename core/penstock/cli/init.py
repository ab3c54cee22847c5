"""`penstock init`: a first penstock.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from penstock.cli import options


@click.command()
@click.option("--force", is_flag=True, help="Write it anew when it is already there.")
@options.place_options
def init(**given: Any) -> None:
    """Write penstock.yml from the dbt projects that are found here and below."""
    from penstock.service.begin import begin

    parent = click.get_current_context().find_root().obj or {}
    begun = begin(Path(given["directory"] or parent.get("directory") or "."), force=given["force"])
    click.echo(f"wrote {begun.file}: dbt project {', '.join(begun.projects)}")
    click.echo("next: penstock doctor, penstock assets, penstock plan")
