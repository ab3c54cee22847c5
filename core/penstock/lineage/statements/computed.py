"""Columns that a table computes from others of its own: GENERATED, AS (...), DEFAULT, ALTER COLUMN ... USING."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.paths import value
from penstock.lineage.scope.relations import outside, written_parts
from penstock.lineage.scope.results import Col, Result, Scope
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.targets import Outcome, target_of, written

# Where each says what a column is made of.
_COMPUTING: Mapping[type, str] = MappingProxyType(
    {
        exp.ComputedColumnConstraint: "this",
        exp.DefaultColumnConstraint: "this",
        exp.GeneratedAsIdentityColumnConstraint: "expression",
    }
)


def computed(w: Walk, table: Any, definitions: Iterable[Any], files: str | None = None) -> list[Outcome]:
    """What the columns defined so are made of: the table's own columns, or what is in its files."""
    found = [(one, made_of) for one in definitions if (made_of := _made_of(one)) is not None]
    if not found:
        return []
    scope = Scope(None, {})
    target = target_of(w, table)
    scope.add(target.alias, outside(w, (files,)) if files else target.rel)
    outer, w.scope = w.scope, scope
    rel = Result()
    for one, made_of in found:
        ident = one.args["this"]
        ident = ident.args["this"] if isinstance(ident, exp.Column) else ident
        col = value(w, made_of, w.key(ident), w.name(ident))
        rel.add(Col(col.key, col.name, col.deps))
    w.scope = outer
    return [written(w, target, rel)]


def _made_of(definition: Any) -> Any:
    """The expression of a column; None where it has none that names anything."""
    if isinstance(definition, exp.AlterColumn):
        made_of = definition.args.get("using")
    else:
        constraints = definition.args.get("constraints") or ()
        kinds = (one.args.get("kind") for one in constraints)
        made_of = next(
            (one.args.get(_COMPUTING[type(one)]) for one in kinds if type(one) in _COMPUTING), None
        )
    names = isinstance(made_of, exp.Expr) and made_of.find(exp.Column, exp.Query) is not None
    return made_of if names else None


def location(properties: list[Any]) -> str | None:
    """Where the files of an external table lie; None of any other table."""
    if not any(isinstance(one, exp.ExternalProperty) for one in properties):
        return None
    place = next((one.args["this"] for one in properties if isinstance(one, exp.LocationProperty)), None)
    return str(place.name) if place is not None else None


def reads_others(w: Walk, table: Any, properties: list[Any]) -> None:
    """Tables that are filled by a prepared statement, or are parts of others."""
    told = ".".join(written_parts(w, table))
    for one in properties:
        if isinstance(one, exp.ExecuteAsProperty):
            w.finding("not-followed", f"{told}: what EXECUTE gives is not followed", None)
        elif isinstance(one, exp.PartitionedOfProperty | exp.InheritsProperty):
            for parent in one.find_all(exp.Table):
                outside(w, written_parts(w, parent), parent)
