"""Statements: what each one writes, column by column, and what it leaves for the statements after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from penstock.lineage import tree
from penstock.lineage.places import TEMPORARY, WRITTEN, written_parts
from penstock.lineage.query import derive_query, read_with
from penstock.lineage.records import Parts
from penstock.lineage.scope import BaseRel, Col, Rel, Scope, Tail
from penstock.lineage.walk import Walk


class Outcome:
    """What one statement gives: `rel` written to `target`, or just shown when `target` is ()."""

    __slots__ = ("rel", "target")

    def __init__(self, target: Parts, rel: Rel) -> None:
        self.target = target
        self.rel = rel


Statement = Callable[[Walk, Any], list[Outcome]]


def derive_statement(w: Walk, node: Any) -> list[Outcome]:
    """What one statement writes or shows; nothing, with a finding, when it is of a kind that says nothing of columns."""
    handler = STATEMENTS.get(node.__class__)
    if handler is not None:
        return handler(w, node)
    if isinstance(node, exp.Query | exp.Pivot | exp.Values | exp.Subquery):
        return query(w, node)
    return []


def query(w: Walk, node: Any) -> list[Outcome]:
    into = node.args.get("into")
    rel = derive_query(w, node, None)
    if into is None or into.args.get("this") is None:
        return [Outcome((), rel)]
    return [created(w, into.args["this"], rel, temporary=bool(into.args.get("temporary")))]


def created(w: Walk, table: Any, rel: Rel, *, temporary: bool, columns: list[Any] | None = None) -> Outcome:
    """A relation that the statement makes; the statements after it see it."""
    if columns:
        rel = named_by(w, rel, columns)
    parts = w.catalog.full(written_parts(w, table))
    mark(w, parts, WRITTEN | (TEMPORARY if temporary else 0))
    key = tuple(w.rules.relation_key(part) for part in parts)
    if temporary:
        w.made[key] = rel
    else:
        w.made[key] = permanent(w, parts, rel)
    return Outcome(parts, rel)


def permanent(w: Walk, parts: Parts, rel: Rel) -> BaseRel:
    names = None if rel.is_open else {col.key: col.name for col in rel.listing()}
    made = BaseRel(w.refs, w.relation_id(parts), names, w.rules.hidden)
    w.bases[made.id] = made
    return made


def mark(w: Walk, parts: Parts, use: int) -> None:
    w.uses[parts] = w.uses.get(parts, 0) | use


def named_by(w: Walk, rel: Rel, idents: list[Any]) -> Rel:
    """Columns by position under the names of a column list."""
    made = Rel(rows=rel.rows)
    columns = rel.listing()
    for at, ident in enumerate(idents):
        key, name = w.key(ident), w.name(ident)
        if rel.is_open:
            made.add(_behind(w, rel, at, key, name))
        elif at < len(columns):
            made.add(columns[at].renamed(key, name))
    return made


def _behind(w: Walk, rel: Rel, at: int, key: str, name: str) -> Col:
    """The column at a position of a list that is not all known."""
    known_before = rel.tails[0].at if rel.tails else 0
    if at < known_before:
        return rel.listing()[at].renamed(key, name)
    deps = {w.refs.doubted(dep): site for col in rel.guess("*", "*") for dep, site in col.deps.items()}
    return Col(key, name, deps)


def column_list(schema: Any) -> list[Any]:
    """The names in `t (a, b)`, with or without types."""
    found = []
    for one in schema.expressions:
        if one.__class__ is exp.ColumnDef or one.__class__ is exp.Column:
            one = one.args["this"]
        if one.__class__ is exp.Identifier:
            found.append(one)
    return found


def _create(w: Walk, node: Any) -> list[Outcome]:
    args = node.args
    kind = str(args.get("kind") or "").upper()
    expression = args.get("expression")
    table, columns = args["this"], None
    if table.__class__ is exp.Schema:
        columns = column_list(table)
        table = table.args["this"]
    if kind not in ("TABLE", "VIEW") or not isinstance(table, exp.Table):
        return _not_about_columns(w, node, kind)
    temporary = _is_temporary(node)
    clone = args.get("clone")
    if clone is not None:
        expression = clone.args["this"]
    if expression is None or not isinstance(expression, exp.Query | exp.Table | exp.Values):
        return _declared(w, table, columns, temporary)
    with_ = args.get(tree.WITH)
    scope = Scope(None, {})
    if with_ is not None:
        scope.ctes = read_with(w, with_, scope)
    rel = derive_query(w, expression, scope)
    return [created(w, table, rel, temporary=temporary, columns=columns)]


def _is_temporary(node: Any) -> bool:
    properties = node.args.get("properties")
    return properties is not None and any(
        isinstance(one, exp.TemporaryProperty) for one in properties.expressions
    )


def _declared(w: Walk, table: Any, columns: list[Any] | None, temporary: bool) -> list[Outcome]:
    """CREATE TABLE without a query: its columns are known from here on, nothing flows."""
    if columns is None:
        return []
    parts = w.catalog.full(written_parts(w, table))
    mark(w, parts, WRITTEN | (TEMPORARY if temporary else 0))
    key = tuple(w.rules.relation_key(part) for part in parts)
    empty = Rel(Col(w.key(one), w.name(one), {}) for one in columns)
    w.made[key] = empty if temporary else permanent(w, parts, empty)
    return []


def _not_about_columns(w: Walk, node: Any, kind: str) -> list[Outcome]:
    if kind in ("FUNCTION", "PROCEDURE"):
        w.finding("not-derived", f"CREATE {kind}: its body is not followed", node)
    return []


STATEMENTS: dict[type, Statement] = {exp.Create: _create}

__all__ = ["STATEMENTS", "Outcome", "Tail", "column_list", "created", "derive_statement", "mark", "named_by"]
