"""From the walk's own shapes to the records that lineage answers with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from penstock.lineage.read.script import Script
from penstock.lineage.read.spans import Spans
from penstock.lineage.records import (
    LineageEdge,
    LineageFinding,
    OutputColumn,
    Parts,
    RelationUse,
    StatementLineage,
)
from penstock.lineage.scope.dependencies import CERTAINTIES, JOIN, SUBTYPES, Deps
from penstock.lineage.scope.relations import READ, TEMPORARY, WRITTEN
from penstock.lineage.scope.results import Result
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.targets import Outcome


def statement_lineage(w: Walk, outcomes: list[Outcome], script: Script, sql: str) -> StatementLineage:
    edges: list[LineageEdge] = []
    columns: list[OutputColumn] = []
    for outcome in outcomes:
        columns.extend(_columns(outcome))
        for name, deps in flows(w, outcome):
            edges.extend(_edges(w, outcome.target, name, deps, script.spans))
    return StatementLineage(
        dialect=w.rules.dialect,
        edges=tuple(edges),
        columns=tuple(columns),
        relations=tuple(sorted(_uses(w))),
        findings=tuple(findings(w, script, sql)),
    )


def flows(w: Walk, outcome: Outcome) -> list[tuple[str | None, Deps]]:
    """Each output with what it depends on; None for what concerns all of them."""
    rel = outcome.rel
    found: list[tuple[str | None, Deps]] = [(col.name, col.deps) for col in rel.listing()]
    if rel.is_open or rel.open_stars:
        found.extend(_of_open(rel))
    rows = rel.rows.flat()
    found.append((None, {**rows, **_by_rows_alone(w, outcome, [rows, *[deps for _, deps in found]])}))
    return found


def _of_open(rel: Result) -> Iterator[tuple[str, Deps]]:
    """What its columns that are not known depend on."""
    for open_star in rel.open_stars:
        for col in open_star.guess("*", "*"):
            yield "*", {key: site or open_star.site for key, site in col.deps.items()}
    if rel.is_open and not rel.open_stars:
        for col in rel.guess("*", "*"):
            yield "*", col.deps


def _by_rows_alone(w: Walk, outcome: Outcome, found: list[Deps]) -> Deps:
    """Relations of which no column is used: by their rows they still say how many rows there are."""
    left = outcome.rel.rows.relations() - {w.relation_ids.get(outcome.target, -1)}
    for deps in found:
        if not left:
            break
        left = w.refs.without(left, deps)
    return {w.refs.key(relation, "*") | JOIN: None for relation in sorted(left)}


def _columns(outcome: Outcome) -> Iterator[OutputColumn]:
    rel = outcome.rel
    opened = (
        {open_star.at for open_star in rel.open_stars} if rel.open_stars else {0} if rel.is_open else set()
    )
    columns = rel.listing()
    for at, col in enumerate(columns):
        if at in opened:
            yield OutputColumn("*", outcome.target, True)
        yield OutputColumn(col.name, outcome.target)
    if len(columns) in opened:
        yield OutputColumn("*", outcome.target, True)


def _edges(w: Walk, target: Parts, output: str | None, deps: Deps, spans: Spans) -> Iterator[LineageEdge]:
    relations = w.relations
    for (relation, column, path, certainty, candidates, masked), subtype, site in w.refs.told(deps):
        span = spans.of(site) if site is not None else None
        yield LineageEdge(
            output=output,
            relation=relations[relation] if relation >= 0 else None,
            column=column,
            subtype=SUBTYPES[subtype],
            target=target,
            path=path,
            certainty=CERTAINTIES[certainty],
            masking=masked,
            span=span,
            expression=spans.text(span) if span is not None else None,
            candidates=tuple(relations[one] for one in candidates if one >= 0),
        )


def _uses(w: Walk) -> Iterator[RelationUse]:
    for parts, use in w.uses.items():
        yield RelationUse(parts, bool(use & READ), bool(use & WRITTEN), bool(use & TEMPORARY))


def findings(w: Walk, script: Script, sql: str) -> Iterator[LineageFinding]:
    """What did not fit, in reading and in deriving."""
    yield from script.findings
    for (code, message), node in w.found.items():
        span = script.spans.of_name(node) if node is not None else None
        yield LineageFinding(code, message, *_place(sql, span))


def _place(sql: str, span: Any) -> tuple[int | None, int | None]:
    if span is None:
        return None, None
    start = span[0]
    return sql.count("\n", 0, start) + 1, start - sql.rfind("\n", 0, start)
