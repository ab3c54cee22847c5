"""`penstock assets`: the graph as a table, JSON or a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from penstock.cli import options
from penstock.cli.output import count, hint, print_json, table
from penstock.cli.sections import SectionedCommand

if TYPE_CHECKING:
    from penstock.graph.document import Row
    from penstock.service.observe import GraphView


# Findings that say that the picture itself is not right: parts of it do not meet.
_OF_THE_WHOLE = frozenset({"lost-join", "source-not-loaded", "stream-not-read"})


@click.command(cls=SectionedCommand)
@options.select_options
@options.json_option
@click.option("--dot", "as_dot", is_flag=True, help="Print the graph as Graphviz DOT.")
@click.option("--mermaid", "as_mermaid", is_flag=True, help="Print the graph as a Mermaid flowchart.")
@options.refresh_option
@options.look_options
@options.place_options
def assets(**given: object) -> None:
    """List the assets of all tools as one graph (alias: ls)."""
    from penstock.service import explore
    from penstock.service.observe import look

    narrowed = options.narrows(given)
    workspace = options.workspace(given, options.seen_options(given), reads_sql=narrowed)
    refresh = bool(given["refresh"])
    seen = look(workspace, refresh=refresh, may_call=refresh, hold=options.hold)
    options.hold(seen)
    include, exclude, selector = options.selection(given)
    plain = not (narrowed or given["as_json"] or given["as_dot"] or given["as_mermaid"])
    if plain:
        _print_rows(seen.graph.rows, seen)
        return
    chosen = None
    if narrowed:
        from penstock.service.choose import choose

        asked = choose(workspace, seen, include, exclude, selector)
        chosen = asked.assets
        for warning in asked.warnings:
            hint(warning)
    found = explore.listed(seen.graph, chosen)
    if given["as_json"]:
        project = workspace.project
        print_json(explore.assets_document(seen, found, project.name, project.environment))
    elif given["as_dot"]:
        click.echo(explore.dot(seen.graph, found))
    elif given["as_mermaid"]:
        click.echo(explore.mermaid(seen.graph, found))
    else:
        _print_rows(explore.rows(seen.graph.names, found), seen)


def _print_rows(listed: tuple[Row, ...], seen: GraphView) -> None:
    lines = [(row.name, row.kind, row.made_by, row.relation) for row in listed]
    table(("NAME", "KIND", "MADE BY", "RELATION"), lines, limits=(50, 0, 40, 60))
    hint(_summary(len(lines), seen.stale, seen.graph.finding_count))
    if len(seen.taken_at) > 1 and seen.graph.finding_count:
        for finding in seen.graph.findings:
            if finding.code in _OF_THE_WHOLE:
                hint(finding.message)


def _summary(number: int, stale: dict[str, str], findings: int) -> str:
    lines = [count(number, "asset")]
    if findings:
        lines.append(f"{count(findings, 'finding')}: penstock doctor")
    return "; ".join(lines) + "".join(f"\n{name}: {why}" for name, why in sorted(stale.items()))
