"""Steps into a value: struct fields, map keys, array elements, JSON and VARIANT paths. The sub-field is kept."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.deps import ARGUMENT, IDENTITY, TRANSFORMATION, Deps
from penstock.lineage.expressions import HANDLERS, subquery_value, visit, visit_all
from penstock.lineage.resolve import column, field, lookup
from penstock.lineage.scope import NOTHING, Col, merge
from penstock.lineage.walk import Walk

# Those that hand the value out as it is stored, and those that turn it into text or a number.
_AS_STORED = (exp.Dot, exp.Bracket, exp.StructExtract, exp.JSONExtract, exp.JSONBExtract)
_TURNED = (exp.JSONExtractScalar, exp.JSONBExtractScalar, exp.JSONValue)
PATHS = (*_AS_STORED, *_TURNED)


def access(w: Walk, node: Any, sub: int) -> None:
    w.add(step(w, node), sub)


def step(w: Walk, node: Any) -> Col:
    """The value at the end of a chain of steps."""
    names: list[str] = []
    turned = False
    moving: list[Any] = []
    while node.__class__ in PATHS:
        args = node.args
        turned = turned or node.__class__ in _TURNED
        if isinstance(args.get("expression"), exp.Anonymous):
            moving.append(args["expression"])  # `c.value('x', 'int')`: a method
            turned = True
        else:
            names[:0] = _names(node, moving)
        node = args["this"]
        while node.__class__ is exp.Paren:
            node = node.args["this"]
    if node.__class__ is exp.Column and not isinstance(node.args["this"], exp.Star):
        root = column(w, node)
    elif node.__class__ is exp.Identifier:
        root = _named(w, node)
    else:
        root = value(w, node, "", "")
    col = field(w, root, names) if names else root
    if not turned and not moving:
        return col
    return _with_arguments(w, col, moving, turned)


def _named(w: Walk, ident: Any) -> Col:
    """A bare name at the root of a method call (T-SQL), or an argument of a lambda."""
    return lookup(w, w.scope, w.key(ident), ident) or NOTHING


def _with_arguments(w: Walk, col: Col, moving: list[Any], turned: bool) -> Col:
    outer = w.acc
    w.acc = {}
    w.add(col, TRANSFORMATION if turned else IDENTITY)
    visit_all(w, moving, ARGUMENT[IDENTITY])
    deps, w.acc = w.acc, outer
    return Col(col.key, col.name, deps, access=not moving)


def _names(node: Any, moving: list[Any]) -> list[str]:
    """The names of one step; what is computed (an index that is a column) goes to `moving`."""
    if node.__class__ is exp.Bracket:
        names = []
        for index in node.args["expressions"]:
            if index.__class__ is exp.Literal:
                if index.args["is_string"]:
                    names.append(index.name)
            elif not isinstance(index, exp.Slice):
                moving.append(index)
        return names
    step_into = node.args.get("path") if node.__class__ is exp.JSONValue else node.args.get("expression")
    if step_into.__class__ is exp.JSONPath:
        return [
            str(part.this)
            for part in step_into.expressions
            if part.__class__ is exp.JSONPathKey and isinstance(part.this, str)
        ]
    if step_into.__class__ is exp.Literal:
        return _written(step_into)
    if step_into.__class__ is exp.Identifier:
        return [step_into.name]
    if step_into is not None and step_into.__class__ is not exp.Star:
        moving.append(step_into)
    return []


def _written(literal: Any) -> list[str]:
    """A path in a text: `{a,b}` (Postgres), `$.a.b`, `a.b`; a number is an index."""
    text = literal.name
    if not literal.args["is_string"]:
        return []
    if text.startswith("{") and text.endswith("}"):
        steps = text[1:-1].split(",")
    else:
        steps = (
            text.removeprefix("lax ").removeprefix("strict ").removeprefix("$").replace("[", ".").split(".")
        )
    cleaned = [one.strip(" \"']") for one in steps]
    return [one for one in cleaned if one and not one.isdigit() and one != "*"]


def value(w: Walk, node: Any, key: str, name: str) -> Col:
    """An expression as a column of that name, with what can be reached inside it."""
    kind = node.__class__
    while kind is exp.Paren:
        node = node.args["this"]
        kind = node.__class__
    if kind is exp.Column and node.args["this"].__class__ is not exp.Star:
        return _handed_on(column(w, node), node, key, name)
    if kind is exp.Subquery or kind is exp.Select:
        return _handed_on(subquery_value(w, node), node, key, name)
    if kind in PATHS:
        col = step(w, node)
        return Col(key, name, dict.fromkeys(col.deps, node), access=col.access, fields=col.fields)
    if kind is exp.Struct:
        return _struct(w, node, key, name)
    acc, site = w.acc, w.site
    deps: Deps = {}
    w.acc = deps
    w.site = node
    visit(w, node, IDENTITY)
    w.acc, w.site = acc, site
    return Col(key, name, deps)


def _handed_on(col: Col, node: Any, key: str, name: str) -> Col:
    """The same column under another name; a base column is from here on derived by `node`."""
    if not col.base:
        return col.renamed(key, name)
    deps = dict.fromkeys(col.deps, node)
    return Col(key, name, deps, access=col.access, fields=col.fields)


def _struct(w: Walk, node: Any, key: str, name: str) -> Col:
    fields: dict[str, Col] = {}
    for part in node.args.get("expressions") or ():
        inner, label = part, ""
        if part.__class__ is exp.PropertyEQ:
            inner, label = part.args["expression"], part.args["this"].name
        elif part.__class__ is exp.Alias:
            inner, label = part.args["this"], part.args["alias"].name
        elif part.__class__ is exp.Column:
            label = part.name
        label = label or f"_{len(fields)}"
        fields[w.fold(label)] = value(w, inner, w.fold(label), label)
    deps = merge(list(fields.values()), subtype=TRANSFORMATION)
    return Col(key, name, dict.fromkeys(deps, node), fields=fields)


HANDLERS.update(dict.fromkeys(PATHS, access))
