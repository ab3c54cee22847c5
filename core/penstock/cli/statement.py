"""`penstock lineage --sql FILE`: one SQL text, outside any project."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from penstock.cli.given import Given
from penstock.cli.options import refuse_two_forms
from penstock.cli.output import hint, print_json
from penstock.cli.toolflags import param_of
from penstock.errors import UsageError
from penstock.service.flags import Scope, declared

if TYPE_CHECKING:
    from penstock.service.statement import LineageEdge, LineageFinding, StatementLineage


# What says something of a project only. Each with how it is written.
_OF_PROJECTS = {
    "check_all": "--check", "depth": "--depth", "upstream": "--upstream", "downstream": "--downstream", "refresh": "--refresh",
    "environment": "--env", "directory": "-C",
}  # fmt: skip
# With one of these a part of the text is missing from what is printed.
_FAILED = frozenset({"not-parsed", "internal-error"})


def print_statement(given: Given, asset: str | None) -> None:
    """Prints or draws one text's lineage. Ends with exit code 1 when a statement of it could not be read."""
    from penstock.cli.process import quiet_libraries
    from penstock.service.statement import direct_only, statement_lineage

    quiet_libraries()
    _refuse(given, asset)
    schema = _read(given["schema_file"]) if given["schema_file"] else None
    found = statement_lineage(_read(given["sql_file"]), given["dialect"], schema, given["schema_file"] or "")
    if given["direct"]:
        found = direct_only(found)
    if given["as_json"]:
        print_json(found)
    elif given["as_dot"] or given["as_mermaid"] or given["html_file"]:
        _draw(found, given)
    else:
        _print(found)
    if any(finding.code in _FAILED for finding in found.findings):
        click.get_current_context().exit(1)


def _refuse(given: dict[str, object], asset: str | None) -> None:
    """Options that --sql has no answer to are errors: an option that does nothing would seem to have worked."""
    if not given["dialect"]:
        raise UsageError(
            "--sql needs --dialect",
            hint="e.g. --dialect duckdb, snowflake, postgres, bigquery; ansi for none",
        )
    if asset is not None:
        raise UsageError(f"--sql follows one text, outside any project: '{asset}' cannot be named beside it")
    of_tools = {param_of(one.flag): one.flag.spelt for one in declared(Scope.LOOK)}
    for name, written in (_OF_PROJECTS | of_tools).items():
        if given.get(name):
            raise UsageError(f"--sql follows one text, outside any project: {written} does not go with it")
    refuse_two_forms(given)


def _draw(found: StatementLineage, given: dict[str, object]) -> None:
    from penstock.cli.drawing import draw
    from penstock.service.statement import statement_trail

    draw(statement_trail(found), given)
    for finding in found.findings:
        hint(_told(finding))


def _read(name: str) -> str:
    """A text in UTF-8, with or without a byte order mark."""
    if name == "-":
        return sys.stdin.read().removeprefix("\ufeff")
    try:
        return Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {name}: {getattr(error, 'strerror', None) or error}") from None


def _print(found: StatementLineage) -> None:
    _print_relations(found)
    by_output: dict[tuple[tuple[str, ...], str | None], list[LineageEdge]] = {}
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
        hint(_told(finding))


def _told(finding: LineageFinding) -> str:
    at = f"line {finding.line}, column {finding.column}: " if finding.line else ""
    return f"{at}{finding.message}"


def _print_relations(found: StatementLineage) -> None:
    for word in ("read", "written"):
        named = [
            ".".join(use.parts) + (" (temporary)" if use.temporary else "")
            for use in found.relations
            if getattr(use, word)
        ]
        if named:
            click.echo(f"{word}: {', '.join(named)}")
