"""An edge in short: `target.column <- relation.column`, `(rows)` for what concerns all columns."""

from __future__ import annotations

from penstock.lineage import LineageEdge


def said(edge: LineageEdge) -> str:
    output = ".".join((*edge.target, edge.output)) if edge.output is not None else "(rows)"
    return f"{output} <- {'.'.join((*(edge.relation or ('?',)), edge.column))}"
