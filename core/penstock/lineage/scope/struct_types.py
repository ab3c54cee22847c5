"""Structs of known type: a column's type text -> its fields, each a step into the column."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from penstock.lineage.dialects.rules import Rules
from penstock.lineage.scope.dependencies import IDENTITY, TRANSFORMATION, Refs
from penstock.lineage.scope.results import Col, Elements, Pairs

_STRUCTS = frozenset({exp.DataType.Type.STRUCT, exp.DataType.Type.OBJECT, exp.DataType.Type.NESTED})
_LISTS = frozenset({exp.DataType.Type.ARRAY, exp.DataType.Type.LIST})


def fields_of_type(rules: Rules, refs: Refs, relation: int, column: str, text: str) -> dict[str, Col] | None:
    """The fields of a column of that type, of its elements where it is an array; None for what has none."""
    try:
        kind = exp.DataType.build(text, dialect=rules.dialect)
    except (SqlglotError, ValueError):
        return None  # a catalog's own words for a type
    return _fields(rules, refs, relation, column, kind, "")


def _fields(
    rules: Rules, refs: Refs, relation: int, column: str, kind: Any, path: str, many: bool = False
) -> dict[str, Col] | None:
    if kind.this == exp.DataType.Type.MAP:
        return _entries(rules, refs, relation, column, kind, path)
    many = many or kind.this in _LISTS  # of what is inside an array there are many
    while kind.this in _LISTS and kind.expressions and isinstance(kind.expressions[0], exp.DataType):
        kind = kind.expressions[0]
    if kind.this not in _STRUCTS:
        return None
    found: dict[str, Col] = Elements() if many else {}
    for part in kind.expressions:
        inner = part.args.get("kind") if isinstance(part, exp.ColumnDef) else None
        if inner is None:
            return None  # a tuple without names
        name = part.name
        below = f"{path}.{name}" if path else name
        fields = _fields(rules, refs, relation, column, inner, below, many)
        key = rules.fold(name)
        subtype = TRANSFORMATION if many else IDENTITY
        found[key] = Col(key, name, {refs.key(relation, column, below) | subtype: None}, True, True, fields)
    return found or None


def _entries(rules: Rules, refs: Refs, relation: int, column: str, kind: Any, path: str) -> Pairs:
    """The key and the value of a map: both are read from the whole of it."""
    dep = {refs.key(relation, column, path) | TRANSFORMATION: None}
    inner = kind.expressions[1] if len(kind.expressions) > 1 else None
    fields = _fields(rules, refs, relation, column, inner, path, True) if inner is not None else None
    return Pairs(key=Col("key", "key", dep, True, True), value=Col("value", "value", dep, True, True, fields))
