"""`penstock diff`: what a change will do, by column, before it is merged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.output import clear_progress, print_json
from penstock.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from penstock.report.document import DiffDocument
    from penstock.service.workspace import Workspace

_FAILS = {"breaks": ("breaks",), "data": ("breaks", "data")}


@click.command(cls=SectionedCommand)
@click.argument("base")
@options.json_option
@click.option("--markdown", is_flag=True, help="Print Markdown for a pull request comment.")
@click.option("--sarif", is_flag=True, help="Print SARIF 2.1.0 with file and line of what breaks.")
@click.option(
    "--fail-on",
    type=click.Choice(["breaks", "data", "exposure"]),
    help="Exit code 1 when something breaks (or may), when data changes, or when an exposure shows what changes.",
)
@click.option(
    "--post", type=click.Choice(["github", "gitlab"]), help="Write the Markdown as one comment, or renew it."
)
@options.refresh_option
@options.look_options
@options.place_options
def diff(base: str, post: str | None, fail_on: str | None, **given: object) -> None:
    """Show what the project as it lies here will do, held against BASE, down to columns, exposures and cost.

    BASE is a ref of git (`main`), an environment (`prod`: what was built there), or a manifest of another version.
    env:, git: and file: say which is meant. Nothing is built, and nothing is written into the repository.
    """
    from penstock.service.diffing import diff as compare

    workspace = options.workspace(given, options.seen_options(given))
    found = compare(workspace, base, refresh=bool(given["refresh"]))
    clear_progress()
    _print(found, given)
    if post:
        _post(workspace, found, post)
    if _fails(found, fail_on):
        raise click.exceptions.Exit(1)


def _print(found: DiffDocument, given: dict[str, object]) -> None:
    from penstock.service import diffreport

    if given["as_json"]:
        print_json(found)
    elif given["sarif"]:
        click.echo(diffreport.sarif(found))
    elif given["markdown"]:
        click.echo(diffreport.markdown(found))
    else:
        for line, style in diffreport.lines(found):
            click.echo(click.style(line, **style) if style else line)


def _post(workspace: Workspace, found: DiffDocument, where: str) -> None:
    from penstock.cli.output import hint
    from penstock.service.posting import post

    hint(post(workspace, found, where))


def _fails(found: DiffDocument, on: str | None) -> bool:
    if on is None:
        return False
    level = found.comparison.level.value
    if on == "exposure":
        return level == "breaks" or bool(found.comparison.hits)
    return level in _FAILS[on]
