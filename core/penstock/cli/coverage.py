"""`penstock lineage --check`: how much of the project is followed, and what is not, the worst first."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import click

from penstock.cli.output import clear_progress, count, hint, print_json

if TYPE_CHECKING:
    from penstock.assets import AssetKey
    from penstock.service.columnrecords import AssetFinding, Columns, Coverage
    from penstock.service.observe import GraphView

_MOST_EACH = 5


def print_coverage(seen: GraphView, columns: Columns, *, as_json: bool) -> None:
    from penstock.service.columnrecords import EXTERNAL
    from penstock.service.follow import name_of

    coverage = columns.coverage

    def shown(key: AssetKey) -> str:
        return name_of(seen.graph, key)

    if as_json:
        from penstock.service.doctorpage import coverage_document

        print_json(coverage_document(seen, columns))
        return
    clear_progress()
    _print_counts(coverage)
    groups: dict[str, list[AssetFinding]] = defaultdict(list)
    for finding in columns.findings:
        groups[finding.code].append(finding)
    for code, found in sorted(groups.items(), key=lambda group: (_rank(group[0]), -len(group[1]))):
        click.echo(f"\n{count(len(found), 'finding')}: {code}")
        by_asset: dict[str, list[AssetFinding]] = defaultdict(list)
        for finding in found:
            by_asset[shown(finding.asset)].append(finding)
        worst = sorted(by_asset.items(), key=lambda entry: (-len(entry[1]), code != EXTERNAL and entry[0]))
        for name, own in worst[:_MOST_EACH]:
            first = own[0]
            at = f" (line {first.line})" if first.line else ""
            more = f" and {len(own) - 1} more" if len(own) > 1 else ""
            click.echo(f"  {name}{at}: {_cut(first.message)}{more}")
        if len(worst) > _MOST_EACH:
            hint(
                f"  ... and {count(len(worst) - _MOST_EACH, 'relation' if code == EXTERNAL else 'asset')} more (--json lists all)"
            )


def _print_counts(coverage: Coverage) -> None:
    derived = coverage.models - coverage.not_followed
    click.echo(f"{count(coverage.models, 'model')}: {derived:,} followed, {coverage.not_followed:,} not")
    share = f" ({_share(coverage)} %)" if coverage.columns else ""
    click.echo(
        f"{count(coverage.columns, 'column')}: {coverage.resolved:,} resolved{share}, "
        f"{coverage.ambiguous:,} ambiguous, {coverage.unresolved:,} unresolved"
    )
    if coverage.undeclared:
        click.echo(
            f"  {coverage.undeclared:,} of those resolved are undeclared: they read a column of the only possible "
            "relation, and nobody has declared its columns"
        )
    click.echo(f"{count(coverage.edges, 'edge')}, {count(coverage.external, 'external relation')}")


def _share(coverage: Coverage) -> str:
    """Per cent with one digit, rounded down: 100.0 means all."""
    return f"{coverage.resolved * 1000 // coverage.columns / 10:.1f}"


# The worst first: what was not followed at all, what is not certain, what the documentation says otherwise.
_WORST = (
    "internal-error",
    "not-parsed",
    "cycle",
    "not-derived",
    "not-followed",
    "unresolved-column",
    "unknown-column",
    "ambiguous-relation",
    "ambiguous-column",
    "external-relation",
    "natural-join",
    "unnamed-target",
    "catalog-not-produced",
    "not-in-catalog",
    "documented-not-produced",
    "documented-not-there",
)
_LONGEST = 200


def _rank(code: str) -> int:
    if code == "not-documented":
        return len(_WORST) + 1
    return _WORST.index(code) if code in _WORST else len(_WORST)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
