"""ALTER TABLE ... ADD, RENAME and DROP COLUMN: which columns a known table has from there on. No value moves."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.scope.relations import written_parts
from penstock.lineage.scope.results import Col, OutsideRelation, Result
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.targets import permanent, relation_key


def alter_columns(w: Walk, table: Any, actions: list[Any]) -> None:
    """What statements after this one see of the table; nothing changes for one whose columns nobody knows."""
    changes = [one for action in actions for one in _each(action)]
    if not changes or not isinstance(table, exp.Table):
        return
    parts = w.catalog.full(written_parts(w, table))
    made = w.made.get(relation_key(w, parts))
    if made is None:
        entry = w.catalog.find(parts)
        if entry.names is None or entry.candidates:
            return
        parts, columns = entry.parts, [Col(key, name, {}) for key, name in entry.names.items()]
    elif made.is_open:
        return
    else:
        columns = list(made.listing())
    for one in changes:
        columns = _changed(w, columns, one)
    rel = Result(columns, made.rows if made is not None else None)
    is_ours = made is not None and not isinstance(made, OutsideRelation)
    w.made[relation_key(w, parts)] = rel if is_ours else permanent(w, parts, rel)


def _each(action: Any) -> list[Any]:
    """The columns that one action adds or renames; those that it drops, as names."""
    if isinstance(action, exp.Schema):  # Databricks: `add columns (a int, b int)`
        return [one for one in action.expressions if isinstance(one, exp.ColumnDef)]
    if isinstance(action, exp.Drop) and str(action.args.get("kind") or "").upper() == "COLUMN":
        named = [
            action.args.get("this"),
            *(action.args.get("tables") or ()),
        ]  # which of them, sqlglot's versions differ
        return [one for one in named if isinstance(one, exp.Column | exp.Table)]
    return [action] if isinstance(action, exp.ColumnDef | exp.RenameColumn) else []


def _changed(w: Walk, columns: list[Col], action: Any) -> list[Col]:
    named = action.args["this"]
    ident = named.args["this"] if isinstance(named, exp.Column) else named
    key = w.peek(ident)
    if isinstance(action, exp.ColumnDef):
        known = any(one.key == key for one in columns)
        return columns if known else [*columns, Col(key, w.name(ident), {})]
    if not isinstance(action, exp.RenameColumn):
        return [one for one in columns if one.key != key]
    to = action.args["to"]
    to = to.args["this"] if isinstance(to, exp.Column) else to
    return [one.renamed(w.peek(to), w.name(to)) if one.key == key else one for one in columns]
