"""Steps into a column: fields of structs, keys of maps and of JSON objects, elements of tuples. No expression is visited here."""

from __future__ import annotations

from penstock.lineage.scope.dependencies import COMPOSE, TRANSFORMATION, Deps, composed, is_direct
from penstock.lineage.scope.results import Col, Fields, Keyed, Pairs
from penstock.lineage.scope.walk import Walk


def field(w: Walk, col: Col, names: list[str]) -> Col:
    """A step (or more) into a column: a field of a struct, a key of a map, a JSON path."""
    for at, name in enumerate(names):
        if col.fields is None or isinstance(col.fields, Pairs):
            return _below(w, col, names[at:])
        exact = col.fields.__class__ is Keyed
        inner = col.fields.get(name) if exact else _field_of(col.fields, w.fold(name), name)
        if inner is None:
            return _below(w, col, names[at:])
        col = inner
    return col


def _field_of(fields: dict[str, Col], key: str, name: str) -> Col | None:
    """A field by name, or by its number from 1 (the elements of a tuple)."""
    found = fields.get(key)
    if found is not None:
        return found
    if key.isdigit() and 0 < int(key) <= len(fields):
        return list(fields.values())[int(key) - 1]
    alike = next((col for other, col in fields.items() if other.lower() == key.lower()), None)
    if alike is None and isinstance(fields, Fields):
        choices = fields.rest.guess(key, name)
        return choices[0] if len(choices) == 1 else None
    return alike


def _below(w: Walk, col: Col, names: list[str]) -> Col:
    path = ".".join(names)
    deps: Deps = {}
    for key, site in col.deps.items():
        if is_direct(key):
            key = w.refs.below(key, path) if col.access else composed(key, COMPOSE[TRANSFORMATION])
        deps.setdefault(key, site)
    name = names[-1] if names else col.name
    return Col(w.fold(name), name, deps, base=col.base, access=col.access)
