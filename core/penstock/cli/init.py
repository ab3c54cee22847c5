"""`penstock init`: a first penstock.yml."""

from __future__ import annotations

from pathlib import Path

import click

from penstock.cli import options
from penstock.cli.output import hint, print_json


@click.command()
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@click.option(
    "--schema", is_flag=True, help="Print the JSON Schema of penstock.yml, for editors, and write nothing."
)
@options.place_options
def init(force: bool, directory: str | None, **given: object) -> None:
    """Write penstock.yml from the projects that are found here and below."""
    if given["schema"]:
        from penstock.service.begin import schema

        print_json(schema())
        return
    from penstock.service.begin import begin

    parent = click.get_current_context().find_root().obj or {}
    begun = begin(Path(directory or parent.get("directory") or "."), force=force)
    found = ", ".join(f"{one.tool} project {one.path}" for one in begun.projects)
    click.echo(f"wrote {begun.file}: {found}")
    for message in begun.messages:
        click.echo(message)
    for project in begun.histories:
        hint(f"earlier runs of {project} are not shown here; to take them along: mv {project}/.penstock .")
    click.echo("next: penstock doctor, penstock assets, penstock plan")
