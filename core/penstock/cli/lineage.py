"""`penstock lineage`: an asset or a column followed up and down, across tools."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.completing import asset_columns
from penstock.cli.drawing import draw
from penstock.cli.given import Given
from penstock.cli.output import clear_progress, count, hint, print_json
from penstock.cli.sections import SectionedCommand
from penstock.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from penstock.cli.layout import Styled
    from penstock.service.assettrail import AssetTrails
    from penstock.service.columnrecords import Columns
    from penstock.service.drawing import Picture
    from penstock.service.follow import Branch, Place, Shaping, Trail
    from penstock.service.observe import GraphView
    from penstock.service.workspace import Workspace

_MOST_SHAPING = 6


@click.command(cls=SectionedCommand)
@click.argument("asset", required=False, metavar="ASSET[.COLUMN]", shell_complete=asset_columns)
@click.option("--upstream", "-u", is_flag=True, help="Show upstream only.")
@click.option("--downstream", "-d", is_flag=True, help="Show downstream only.")
@click.option("--depth", type=click.IntRange(min=1), help="At most this many hops.")
@click.option(
    "--direct", is_flag=True, help="Only edges that carry values, without filters, joins and sorting."
)
@click.option(
    "--check", "check_all", is_flag=True, help="Print the coverage of column lineage, and what is missing."
)
@click.option(
    "--sql", "sql_file", metavar="FILE", help="Follow one SQL text outside any project (- reads stdin)."
)
@click.option("--dialect", metavar="NAME", help="The dialect of --sql: snowflake, tsql, ..., or ansi.")
@click.option(
    "--schema",
    "schema_file",
    metavar="FILE",
    help="Columns for --sql: {relation: {column: type}}, YAML or JSON.",
)
@click.option("--mermaid", "as_mermaid", is_flag=True, help="Print a Mermaid flowchart.")
@click.option("--dot", "as_dot", is_flag=True, help="Print a Graphviz DOT graph.")
@click.option("--html", "html_file", metavar="FILE", help="Write one self-contained HTML page.")
@options.json_option
@options.refresh_option
@options.look_options
@options.place_options
def lineage(asset: str | None, **given: object) -> None:
    """Show the lineage of an asset or a column across tools, from the field of an API to the dashboard."""
    if given["sql_file"]:
        from penstock.cli.statement import print_statement

        print_statement(given, asset)
        return
    for name in ("dialect", "schema_file"):
        if given[name]:
            raise UsageError(
                f"--{name.removesuffix('_file')} belongs to --sql",
                hint="penstock lineage --sql FILE --dialect NAME",
            )
    from penstock.service.columns import column_graph
    from penstock.service.observe import look

    if asset is None and not given["check_all"]:
        raise UsageError(
            "name an asset, or a column of one", hint="penstock lineage orders.amount; or --check for all"
        )
    if given["check_all"]:
        _refuse_of_one(asset, given)
    workspace = options.workspace(given, options.seen_options(given))
    seen = look(workspace, refresh=bool(given["refresh"]), may_call=bool(given["refresh"]))
    if given["check_all"]:
        from penstock.cli.coverage import print_coverage

        print_coverage(seen, column_graph(workspace, seen), as_json=bool(given["as_json"]))
        return
    _follow(workspace, seen, str(asset), given)


def _refuse_of_one(asset: str | None, given: Given) -> None:
    """--check is of the whole project; what narrows or draws one trail would have done nothing."""
    of_one = {
        "upstream": "--upstream",
        "downstream": "--downstream",
        "depth": "--depth",
        "direct": "--direct",
        **options.DRAWN,
    }
    asked = [asset] if asset is not None else [written for name, written in of_one.items() if given.get(name)]
    if asked:
        raise UsageError(
            f"--check is of the whole project: {asked[0]} does not go with it",
            hint="penstock lineage --check",
        )


def _follow(workspace: Workspace, seen: GraphView, text: str, given: Given) -> None:
    from penstock.service import follow
    from penstock.service.columns import column_graph

    both = given["upstream"] == given["downstream"]
    up, down = both or given["upstream"], both or given["downstream"]
    columns: Columns | None = None
    if not seen.graph.names.lookup(text):
        columns = column_graph(workspace, seen)
    place = follow.find_place(seen.graph, columns, text)
    if given["as_json"]:
        print_json(_document(workspace, seen, columns, place, up, down, given))
        return
    if place.column is None and given["html_file"]:
        columns = columns or column_graph(workspace, seen)
    if place.column is None or columns is None:
        trail = _assets(workspace, seen, columns, given).trail(place, upstream=up, downstream=down)
    else:
        trails = follow.ColumnTrails(seen.graph, columns.edges, depth=given["depth"], direct=given["direct"])
        trail = trails.trail(place, upstream=up, downstream=down)
    if given["html_file"] or given["as_dot"] or given["as_mermaid"]:
        with_columns = place.column is None and columns is not None and given["html_file"]
        draw(trail, given, _picture(seen, columns, place, trail, given) if with_columns and columns else None)
        return
    print_trail(trail)
    if columns is not None:
        _print_findings(columns, place)


def _assets(workspace: Workspace, seen: GraphView, columns: Columns | None, given: Given) -> AssetTrails:
    """External relations come with the columns: here nothing is derived for them, but what is known is shown."""
    from penstock.service.assettrail import AssetTrails
    from penstock.service.columns import kept_external

    external = columns.external if columns is not None else kept_external(workspace, seen)
    return AssetTrails(seen.graph, external, depth=given["depth"])


def _document(
    workspace: Workspace,
    seen: GraphView,
    columns: Columns | None,
    place: Place,
    up: bool,
    down: bool,
    given: Given,
) -> object:
    from penstock.service import follow

    edges: Iterable[object]
    if place.column is None or columns is None:
        edges = _assets(workspace, seen, columns, given).edges(place, upstream=up, downstream=down)
    else:
        trails = follow.ColumnTrails(seen.graph, columns.edges, depth=given["depth"], direct=given["direct"])
        edges = trails.edges(place, upstream=up, downstream=down)
    name = follow.name_of(seen.graph, place.asset)
    return follow.LineageDocument(
        format=follow.FORMAT, asset=name, column=place.column, path=place.path or None, edges=tuple(edges)
    )


def _picture(seen: GraphView, columns: Columns, place: Place, trail: Trail, given: Given) -> Picture:
    from penstock.service.assetpage import asset_picture

    return asset_picture(seen.graph, columns.edges, place, trail, direct=given["direct"])


def print_trail(trail: Trail) -> None:
    """The tree, upstream first; on a terminal in colour."""
    clear_progress()
    start = trail.start
    click.echo(f"{_bold(_name(start))}  {_dim(f'{start.kind}, {start.made_by}')}")
    for title, branches in (("upstream", trail.upstream), ("downstream", trail.downstream)):
        if branches is None:
            continue
        only_rows = title == "upstream" and start.shaped_by and not branches
        nothing = ": no value, only what decides which rows there are" if only_rows else ": nothing"
        click.echo(f"\n{title}" if branches else f"\n{title}{nothing}")
        if title == "upstream":
            _print_shaping(start.shaped_by, "")
        _print_branches(branches, "")


def _print_branches(branches: tuple[Branch, ...], indent: str) -> None:
    for at, branch in enumerate(branches):
        last = at == len(branches) - 1
        below = indent + ("   " if last else "│  ")
        _print_entry(f"{indent}{'└─ ' if last else '├─ '}", below + "   ", _parts(branch))
        _print_shaping(branch.shaped_by, below)
        _print_branches(branch.branches, below)


def _parts(branch: Branch) -> list[Styled]:
    how = branch.subtype or ""
    if branch.certainty not in (None, "resolved"):
        how += f" {branch.certainty}"
    expression = branch.expression if branch.expression and branch.subtype != "IDENTITY" else ""
    again = "(shown above)" if branch.again else ""
    place = f"{branch.kind}, {branch.made_by}"
    return [(_name(branch), _bold), (how, _coloured), (expression or "", str), (place, _dim), (again, _dim)]


def _print_entry(first: str, below: str, parts: list[Styled]) -> None:
    """On one line when piped; on a terminal broken between words, under its own branch."""
    from penstock.cli.layout import branch_lines, terminal_width

    if sys.stdout.isatty():
        click.echo(branch_lines(first, below, parts, terminal_width()))
    else:
        click.echo(first + "  ".join(text for text, _ in parts if text))


def _print_shaping(shaping: tuple[Shaping, ...], indent: str) -> None:
    for one in shaping[:_MOST_SHAPING]:
        doubt = f" {one.certainty}" if one.certainty != "resolved" else ""
        how = f"{one.subtype}{doubt}"
        parts: list[Styled] = [
            (f"~ {one.asset}.{one.column}", str),
            (how, _coloured),
            (one.expression or "", _dim),
        ]
        _print_entry(indent, indent + "    ", parts)
    if len(shaping) > _MOST_SHAPING:
        click.echo(f"{indent}{_dim(f'~ and {len(shaping) - _MOST_SHAPING} more (--json lists them)')}")


def _print_findings(columns: Columns, place: Place) -> None:
    for finding in columns.findings:
        if finding.asset == place.asset and finding.code not in ("not-documented",):
            at = f" (line {finding.line})" if finding.line else ""
            hint(f"{finding.code}: {finding.message}{at}")
    doubtful = columns.coverage.ambiguous + columns.coverage.unresolved
    if doubtful:
        hint(f"{count(doubtful, 'column')} of the project not resolved for certain: penstock lineage --check")


def _name(branch: Branch) -> str:
    return f"{branch.name}.{branch.column}" if branch.column else branch.name


def _bold(text: str) -> str:
    return click.style(text, bold=True) if sys.stdout.isatty() else text


def _dim(text: str) -> str:
    return click.style(text, dim=True) if sys.stdout.isatty() else text


def _coloured(subtype: str) -> str:
    colour = "cyan" if subtype in ("IDENTITY", "TRANSFORMATION", "AGGREGATION") else "magenta"
    return click.style(subtype, fg=colour) if sys.stdout.isatty() else subtype
