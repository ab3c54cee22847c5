"""Statements that drop, empty, rename, swap or load whole relations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.read.table_moves import REFRESHED
from penstock.lineage.records import Parts
from penstock.lineage.scope.dependencies import IDENTITY
from penstock.lineage.scope.relations import TEMPORARY, WRITTEN, outside, written_parts
from penstock.lineage.scope.results import Col, OpenStar, Result, merge
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.altered_columns import alter_columns
from penstock.lineage.statements.computed import computed
from penstock.lineage.statements.contents import emptied, forgotten
from penstock.lineage.statements.targets import (
    Leaves,
    Outcome,
    Statement,
    Target,
    created,
    mark,
    permanent,
    relation_key,
    target_of,
    written,
)


def everything_of(rel: Result) -> Result:
    """All columns of a relation, each handed on."""
    made = Result(rel.listing())
    if rel.is_open:
        made.open_stars.append(OpenStar(rel, 0))
    return made


def listed(w: Walk, rel: Result, target: Target) -> Result:
    """What a load of `rel` gives: the columns that the statement lists, or all."""
    if not target.columns:
        return everything_of(rel)
    return Result(
        Col(key, name, merge(rel.guess("*", "*"), subtype=IDENTITY))
        for key, name in ((w.key(one), w.name(one)) for one in target.columns)
    )


def _drop(w: Walk, node: Any) -> list[Outcome]:
    if str(node.args.get("kind") or "").upper() in ("TABLE", "VIEW"):
        named = node.args.get("tables") or [node.args.get("this")]
        for table in named:
            if isinstance(table, exp.Table):
                forgotten(w, relation_key(w, w.catalog.full(written_parts(w, table))))
    return []


def _truncate(w: Walk, node: Any) -> list[Outcome]:
    for table in node.expressions:
        if isinstance(table, exp.Table):
            target = target_of(w, table)
            mark(w, target.parts, WRITTEN)
            if not (node._meta or {}).get(REFRESHED) and node.args.get("partition") is None:
                emptied(w, relation_key(w, target.parts))
    return []


def _alter(w: Walk, node: Any) -> list[Outcome]:
    """A rename or a swap hands a relation on under another name; a partition may come from another table."""
    table = node.args["this"]
    outcomes: list[Outcome] = []
    defined = []
    for action in node.args.get("actions") or ():
        if isinstance(action, exp.Query):  # ALTER VIEW v AS ...
            outcomes.append(created(w, table, w.derive(w, action, None), temporary=False))
        elif isinstance(action, exp.Delete):  # ClickHouse: ALTER TABLE t DELETE WHERE ...
            action.set("this", table.copy())
            outcomes.extend(w.statements[exp.Delete](w, action))
        elif isinstance(action, exp.ColumnDef | exp.AlterColumn):
            defined.append(action)
        elif node.args.get("kind") == "INDEX" or _renames_column(node):
            continue  # an index has no columns of its own
        elif isinstance(action, exp.AlterRename | exp.SwapTable) and isinstance(
            action.args["this"], exp.Table
        ):
            old = w.catalog.full(written_parts(w, table))
            new = w.catalog.full(_in_the_same_schema(w, old, action.args["this"]))
            outcomes.extend((_swapped if isinstance(action, exp.SwapTable) else _renamed)(w, old, new))
        elif isinstance(action, exp.ReplacePartition) and isinstance(action.args.get("source"), exp.Table):
            source = action.args["source"]
            rel = everything_of(outside(w, written_parts(w, source), source))
            outcomes.append(written(w, target_of(w, table), rel))
    alter_columns(w, table, node.args.get("actions") or [])
    return outcomes + computed(w, table, defined)


def _renames_column(node: Any) -> bool:
    """`rename a to b` without COLUMN, which is read as a rename of the table with an option."""
    return any(isinstance(one, exp.ToTableProperty) for one in node.args.get("options") or ())


def _renamed(w: Walk, old: Parts, new: Parts) -> list[Outcome]:
    return _handed_on(w, old, new) or [_taken_over(w, outside(w, old), new)]


def _swapped(w: Walk, old: Parts, new: Parts) -> list[Outcome]:
    ours, theirs = w.built.get(relation_key(w, old)), w.built.get(relation_key(w, new))
    if ours is None and theirs is None:
        rels = outside(w, old), outside(w, new)
        return [_taken_over(w, rels[0], new), _taken_over(w, rels[1], old)]
    outcomes = _handed_on(w, old, new)
    if theirs is None:
        return outcomes  # what the other one held is of no more use
    first = w.made.get(relation_key(w, new)) if ours is not None else None
    w.built[relation_key(w, new)] = theirs
    outcomes.extend(_handed_on(w, new, old))
    if ours is not None and first is not None:
        w.built[relation_key(w, new)], w.made[relation_key(w, new)] = ours, first
    return outcomes


def _taken_over(w: Walk, rel: Result, new: Parts) -> Outcome:
    """What was made elsewhere, under its new name."""
    mark(w, new, WRITTEN)
    return Outcome(new, everything_of(rel))


def _in_the_same_schema(w: Walk, old: Parts, table: Any) -> Parts:
    parts = written_parts(w, table)
    return (*old[: -len(parts)], *parts) if len(parts) < len(old) else parts


def _handed_on(w: Walk, old: Parts, new: Parts) -> list[Outcome]:
    rel = w.built.pop(relation_key(w, old), None)
    if rel is None:
        return []
    temporary = bool(w.uses.get(old, 0) & TEMPORARY)
    mark(w, new, WRITTEN | (TEMPORARY if temporary else 0))
    w.made.pop(relation_key(w, old), None)
    w.built[relation_key(w, new)] = rel
    w.made[relation_key(w, new)] = rel if temporary else permanent(w, new, rel)
    return [Outcome(new, rel)]


def _use(w: Walk, node: Any) -> list[Outcome]:
    """USE: the names after it are completed by it."""
    table = node.args.get("this")
    kind = str(node.args["kind"].name if node.args.get("kind") is not None else "").upper()
    if not isinstance(table, exp.Table) or kind in ("WAREHOUSE", "ROLE", "SECONDARY ROLES"):
        return []
    parts = written_parts(w, table)
    named = kind in ("CATALOG", "DATABASE") or (not kind and w.rules.has.use_names_a_database)
    if len(parts) == 2:
        w.catalog.use(parts[0], parts[1])
    elif len(parts) == 1 and named and not w.rules.has.database_is_schema:
        w.catalog.use(parts[0], None)
    elif len(parts) == 1:
        w.catalog.use(None, parts[0])
    return []


def _load(w: Walk, node: Any) -> list[Outcome]:
    """LOAD DATA: the file, or the first of them, is the relation."""
    place = _loaded_from(node)
    if place is None or not isinstance(node.args["this"], exp.Table | exp.Schema):
        return []
    target = target_of(w, node.args["this"])
    leaves = Leaves.NOTHING if node.args.get("overwrite") else Leaves.ROWS
    return [written(w, target, listed(w, outside(w, (place,)), target), leaves=leaves)]


def _loaded_from(node: Any) -> str | None:
    inpath, files = node.args.get("inpath"), node.args.get("files")
    if inpath is not None:
        return str(inpath.name)
    for option in files.expressions if isinstance(files, exp.Expr) else files or ():
        if option.name.lower() == "uris" and (first := option.find(exp.Literal)) is not None:
            return str(first.name)
    return None


STATEMENTS: Mapping[type, Statement] = MappingProxyType(
    {
        exp.Drop: _drop,
        exp.Alter: _alter,
        exp.TruncateTable: _truncate,
        exp.LoadData: _load,
        exp.Use: _use,
    }
)
