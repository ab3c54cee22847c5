"""One model of a project: its SQL derived against what is known of the others, as compact rows."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.assembly import new_walk
from penstock.lineage.dialects.rules import rules
from penstock.lineage.emit import findings, flows
from penstock.lineage.project.model_lineage import WHOLE, ModelLineage, Row, numbers
from penstock.lineage.read.script import Script
from penstock.lineage.read.spans import Spans
from penstock.lineage.records import Parts
from penstock.lineage.scope.catalog import Catalog
from penstock.lineage.scope.dependencies import UNRESOLVED, Deps
from penstock.lineage.scope.relations import READ, written_parts
from penstock.lineage.scope.results import Col, Result
from penstock.lineage.scope.walk import Walk
from penstock.lineage.script import derive_all
from penstock.lineage.statements.targets import Outcome

Tables = tuple[dict[Any, int], dict[Any, int], dict[Any, int]]
"""The numbers of names, of relations and of places."""


def named_relations(script: Script, dialect: str) -> list[Parts]:
    """Every relation that the text names; CTEs of that name among them."""
    walk = new_walk(rules(dialect), Catalog(rules(dialect), None, None, None), script.spans)
    found = (written_parts(walk, table) for one in script.statements for table in one.find_all(exp.Table))
    return [parts for parts in found if parts]


def derive_model(
    script: Script,
    sql: str,
    *,
    dialect: str,
    catalog: Catalog,
    parts: Parts,
    known: tuple[str, ...] | None,
    remade: bool = False,
) -> ModelLineage:
    """The lineage of one model whose relation is `parts` (() when it has none). `known` are its columns by the
    catalog, or None: they tell what a star over unknown columns stands for; not all of it when the relation is `remade`."""
    walk = new_walk(rules(dialect), catalog, script.spans)
    outcomes = derive_all(walk, script)
    own = _own(walk, outcomes, parts)
    rel = Result()
    if own is not None:
        rel = own.rel
        if known is not None and rel.is_open:
            rel = _with_stars(rel, _opened(walk, rel, known)) if remade else _opened(walk, rel, known)
    return _compact(walk, Outcome(parts, rel), script, sql)


def _own(w: Walk, outcomes: list[Outcome], parts: Parts) -> Outcome | None:
    """What the text leaves in the model's relation: the statement that writes it, else its last query."""
    key = w.rules.relation_key
    for outcome in reversed(outcomes):
        if outcome.target and [key(part) for part in outcome.target] == [key(part) for part in parts]:
            return outcome
    shown = [outcome for outcome in outcomes if not outcome.target]
    return shown[-1] if shown else outcomes[-1] if outcomes else None


def _opened(w: Walk, rel: Result, known: tuple[str, ...]) -> Result:
    """The columns that the catalog knows, in its order: those behind a star are looked for in what it stands for."""
    made = Result(rows=rel.rows)
    for key, name in zip(w.rules.column_keys(list(known)), known, strict=True):
        col = rel.find(key)
        if col is None:
            choices = rel.guess(key, name)
            if len(choices) == 1:
                col = choices[0].renamed(key, name)
            elif choices:
                deps = {w.refs.doubted(dep): site for one in choices for dep, site in one.deps.items()}
                col = Col(key, name, deps)
        made.add(col or Col(key, name, {w.refs.key(-1, name, "", UNRESOLVED): None}))
    return made


def _with_stars(rel: Result, opened: Result) -> Result:
    """What the text names beside what the catalog knew, and the stars: they may stand for other columns by now."""
    for col in rel.listing():
        if opened.find(col.key) is None:
            opened.add(col)
    opened.open_stars = rel.open_stars
    return opened


def _compact(w: Walk, outcome: Outcome, script: Script, sql: str) -> ModelLineage:
    tables = names, relations, places = numbers(), numbers(), numbers()
    rows: list[Row] = []
    for output, deps in flows(w, outcome):
        at = WHOLE if output is None else names[output]
        if deps:
            _rows(w, at, deps, script.spans, tables, rows)
    rel = outcome.rel
    reads = tuple(parts for parts, use in w.uses.items() if use & READ)
    return ModelLineage(
        columns=tuple([col.name for col in rel.listing()]),
        is_open=rel.is_open,
        names=tuple(names),
        relations=tuple(relations),
        spans=tuple(places),
        rows=tuple(rows),
        findings=tuple(findings(w, script, sql)),
        reads=reads,
    )


def _rows(w: Walk, output: int, deps: Deps, spans: Spans, tables: Tables, rows: list[Row]) -> None:
    names, relations, places = tables
    known, span_of = w.relations, spans.of
    last: Any = None
    at = WHOLE
    for (relation, column, path, certainty, candidates, masked), subtype, site in w.refs.told(deps):
        if site is not last:
            last = site
            span = span_of(site) if site is not None else None
            at = WHOLE if span is None else places[span]
        first = WHOLE if relation < 0 else relations[known[relation]]
        name = names[column]
        if path or certainty or candidates or masked:
            below = names[path] if path else WHOLE
            others = tuple(relations[known[one]] for one in candidates)
            rows.append(Row(output, first, name, subtype, at, below, certainty, others, masked))
        else:  # nearly all
            rows.append(Row(output, first, name, subtype, at))
