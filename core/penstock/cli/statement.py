"""`penstock lineage --sql FILE`: one SQL text, outside any project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from penstock.cli.output import hint, print_json
from penstock.errors import UsageError

if TYPE_CHECKING:
    from penstock.service.statement import StatementLineage


def print_statement(given: dict[str, Any]) -> None:
    from penstock.service.statement import statement_lineage

    if not given["dialect"]:
        raise UsageError("--sql needs --dialect", hint="e.g. --dialect duckdb, snowflake, postgres, bigquery")
    schema = _read(given["schema_file"]) if given["schema_file"] else None
    found = statement_lineage(_read(given["sql_file"]), given["dialect"], schema, given["schema_file"] or "")
    if given["as_json"]:
        print_json(found)
        return
    _print(found)


def _read(name: str) -> str:
    if name == "-":
        return sys.stdin.read()
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from None


def _print(found: StatementLineage) -> None:
    _print_relations(found)
    by_output: dict[tuple[tuple[str, ...], str | None], list[Any]] = {}
    for column in found.columns:
        by_output[(column.target, column.name)] = []
    for edge in found.edges:
        by_output.setdefault((edge.target, edge.output), []).append(edge)
    for (target, output), edges in by_output.items():
        place = ".".join((*target, output or "(every column)"))
        click.echo(place if edges else f"{place}  (from no column)")
        for edge in edges:
            source = ".".join((*(edge.relation or ("?",)), edge.column)) + (
                f".{edge.path}" if edge.path else ""
            )
            doubt = f" {edge.certainty.value}" if edge.certainty.value != "resolved" else ""
            doubt += " (masked)" if edge.masking else ""
            options = (
                f" (one of {', '.join('.'.join(parts) for parts in edge.candidates)})"
                if edge.candidates
                else ""
            )
            text = " ".join((edge.expression or "").split())
            click.echo(f"  {source}  {edge.subtype.value}{doubt}{options}" + (f"  {text}" if text else ""))
    for finding in found.findings:
        at = f"line {finding.line}, column {finding.column}: " if finding.line else ""
        hint(f"{at}{finding.message}")


def _print_relations(found: StatementLineage) -> None:
    for word in ("read", "written"):
        named = [
            ".".join(use.parts) + (" (temporary)" if use.temporary else "")
            for use in found.relations
            if getattr(use, word)
        ]
        if named:
            click.echo(f"{word}: {', '.join(named)}")
