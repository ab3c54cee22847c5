"""Steps into a value: struct fields, map keys, array elements, JSON and VARIANT paths. The sub-field is kept."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.dialects.field_functions import Getter, getter
from penstock.lineage.expressions.composed import COMPOSED, fields_inside
from penstock.lineage.expressions.functions import anonymous
from penstock.lineage.expressions.gathered import GATHERING, gathered_fields
from penstock.lineage.expressions.visit import Handler, numbered, subquery_value, visit, visit_all
from penstock.lineage.scope.dependencies import (
    ARGUMENT,
    IDENTITY,
    TRANSFORMATION,
    Deps,
)
from penstock.lineage.scope.fields import field
from penstock.lineage.scope.lookup import column, lookup, member, source_named, whole_row
from penstock.lineage.scope.results import NOTHING, Col, Keyed, merge
from penstock.lineage.scope.walk import Walk

# Those that hand the value out as it is stored, and those that turn it into text or a number.
_AS_STORED = (
    exp.Dot,
    exp.Bracket,
    exp.StructExtract,
    exp.JSONExtract,
    exp.JSONBExtract,
    *(getattr(exp, name) for name in ("GetExtract", "GetIgnoreCase") if hasattr(exp, name)),
)
_TURNED = (
    exp.JSONExtractScalar,
    exp.JSONBExtractScalar,
    exp.JSONValue,
    *(getattr(exp, name) for name in ("JSONExtractArray", "JSONValueArray") if hasattr(exp, name)),
)
# What may lie around a document without hiding the path into it.
_CLOTHES = frozenset(
    getattr(exp, name)
    for name in ("Paren", "Cast", "TryCast", "ParseJSON", "FromJson", "JSONCast")
    if hasattr(exp, name)
)
PATHS = frozenset({*_AS_STORED, *_TURNED})


def access(w: Walk, node: Any, sub: int) -> None:
    w.add(step(w, node), sub)


def _getter(w: Walk, node: Any, sub: int) -> None:
    """Functions unknown to sqlglot, some of which are steps."""
    if w.variables and (held := w.variables.get(w.fold(str(node.args["this"])))) is not None:
        w.add(held, sub)  # Oracle's `l(i)`: an element of a collection
        w.known(node.find_all(exp.Column))
    elif _is_getter(node):
        w.add(_got(w, node, "", ""), sub)
    else:
        anonymous(w, node, sub)


def _is_getter(node: Any) -> bool:
    return len(node.expressions) > 1 and getter(str(node.args["this"]).lower()) is not None


def step(w: Walk, node: Any) -> Col:
    """The value at the end of a chain of steps."""
    names: list[str] = []
    moving: list[Any] = []
    turned = False
    first: Any = None
    while True:
        kind = node.__class__
        if kind in PATHS:
            turned = turned or kind in _TURNED
            if isinstance(node.args.get("expression"), _AROUND_CALLS):
                node = node.args["expression"]  # `s.my_agg(a) over (...)`
                break
            if isinstance(node.args.get("expression"), exp.Anonymous):
                if not _is_method(w, node):
                    node = node.args["expression"]
                    break
                moving.append(node.args["expression"])  # `c.value('x', 'int')`: a method
                _with_columns(node.args["this"])
                turned = True
            elif kind is exp.Bracket and (
                element := _element(node.args["this"], node.args["expressions"], first=0)
            ):
                w.known(node.find_all(exp.Column))
                node = element
                continue
            else:
                names[:0] = _names(node, moving)
                first = node.args.get("expression")
        elif kind in _CLOTHES and (names or moving):
            turned = turned or kind is not exp.Paren  # `j::json -> 'a'`, `parse_json(j):a`: the path is in j
            if kind is exp.Cast and node.args["this"].__class__ is exp.Struct:
                break
        else:
            break
        node = node.args["this"]
    col = _stepped(w, node, names, first)
    if not turned and not moving:
        return col
    return _with_arguments(w, col, moving, turned)


def _with_columns(called: Any) -> None:
    """`xmlagg(a order by t.b).getclobval()`: before a method sqlglot makes bare names of the columns in a function."""
    if not isinstance(called, exp.Func) or called.find(exp.Column) is not None:
        return
    for one in list(called.find_all(exp.Identifier)):
        above = one.parent
        if above.__class__ is exp.Dot and above.parent.__class__ is not exp.Dot and one.arg_key == "this":
            if above.args["expression"].__class__ is exp.Identifier:
                above.replace(exp.Column(this=above.args["expression"], table=one))
        elif not (
            isinstance(above, _NAMING) or (above.__class__ is exp.XMLElement and one.arg_key == "this")
        ):
            one.replace(exp.Column(this=one.copy()))


_NAMING = (
    exp.Dot, exp.Column, exp.Alias, exp.PropertyEQ, exp.Kwarg, exp.Lambda, exp.ColumnDef, exp.DataType, exp.TableAlias, exp.Table,
)  # fmt: skip


def _is_method(w: Walk, node: Any) -> bool:
    """`doc.value('x')` is a method of a column, `dbo.f(a)` a function in a schema: by what has methods, and which."""
    root = node.args["this"]
    while root.__class__ is exp.Dot:
        root = root.args["this"]
    if root.__class__ is not exp.Identifier or w.rules.has.any_function_is_method:
        return True
    called = str(node.args["expression"].args["this"]).lower()
    if w.rules.has.methods_of_types and (called in _METHODS or called.startswith("st")):
        return True
    return w.rules.has.methods_of_objects and source_named(w.scope, w.key(root)) is not None


_AROUND_CALLS = (exp.Window, exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)
_METHODS = frozenset(
    {"value", "query", "exist", "nodes", "modify", "tostring", "getlevel", "getancestor", "getdescendant", "isdescendantof",
     "getreparentedvalue"}
)  # fmt: skip


def _stepped(w: Walk, root: Any, names: list[str], first: Any) -> Col:
    """`first` is the step next to the root."""
    kind = root.__class__
    if kind is exp.Column and root.args["this"].__class__ is not exp.Star:
        row = _row_of(w, root) if names else None
        col = column(w, root)
        if row is not None:
            return _either(w, field(w, row, names), field(w, col, names))
    elif kind is exp.Identifier and w.scope.memo.get(w.key(root)) is NOTHING:
        col = NOTHING  # a lambda's argument
    elif kind is exp.Identifier:
        rel = source_named(w.scope, w.key(root)) if names else None
        if rel is not None:
            written = first.__class__ is exp.Identifier and first.name == names[0]
            col = member(w, rel, first if written else exp.to_identifier(names[0], quoted=True))
            names = names[1:]
        else:
            col = lookup(w, w.scope, w.key(root), root) or NOTHING
    elif kind is exp.Anonymous and names and (rows := w.records.get(w.fold(str(root.args["this"])))):
        col = member(w, rows, exp.to_identifier(names[0]))  # Oracle's `l(i).a`
        w.known(root.find_all(exp.Column))
        names = names[1:]
    elif kind is exp.Parameter:
        col = numbered(w, root) or NOTHING
    else:
        col = value(w, root, "", "")
    return field(w, col, names) if names else col


def _row_of(w: Walk, root: Any) -> Col | None:
    """`(t).a`: the row behind an alias, unless a source is known to have a column of that name."""
    is_row = (
        w.rules.has.alias_as_row and root.args.get("table") is None and root.parent.__class__ is exp.Paren
    )
    rel = source_named(w.scope, w.key(root.args["this"])) if is_row else None
    if rel is None or not rel.is_open or rel.find(w.key(root.args["this"])) is not None:
        return None
    return whole_row(rel, w.key(root.args["this"]))


def _either(w: Walk, one: Col, other: Col) -> Col:
    """A value that nothing says which of two it is: the field of a row, or of a column."""
    said = dict(one.deps)
    said.update((dep, site) for dep, site in other.deps.items() if w.refs.column_of(dep)[1] != "*")
    deps = {w.refs.doubted(dep): site for dep, site in said.items()}
    return Col(one.key, one.name, deps, base=True, access=True)


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
            elif index.__class__ is not exp.Slice or any(
                isinstance(one, exp.Expr) and one.__class__ is not exp.Literal for one in index.args.values()
            ):
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
        if node.__class__ is exp.Dot and not step_into.args["is_string"]:
            return [step_into.name]  # the element of a tuple
        return written_path(step_into)
    if step_into.__class__ is exp.Identifier:
        return [step_into.name]
    if step_into is not None and step_into.__class__ is not exp.Star:
        moving.append(step_into)
    return []


def written_path(literal: Any) -> list[str]:
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
    if kind is exp.Struct or kind is exp.Tuple:
        return _struct(w, node, key, name)
    if kind is exp.Anonymous and _is_getter(node):
        return _got(w, node, key, name)
    acc, site = w.acc, w.site
    deps: Deps = {}
    w.acc = deps
    w.site = node
    visit(w, node, IDENTITY)
    w.acc, w.site = acc, site
    fields: dict[str, Col] | None = None
    if kind in GATHERING:
        fields = gathered_fields(w, node, deps, value)
    elif kind in COMPOSED:
        fields = fields_inside(w, node, deps, value)
    reached = kind in _DOCUMENTS and node.args["this"].__class__ is exp.Column
    return Col(key, name, deps, access=reached and len(deps) == 1, fields=fields)


_DOCUMENTS = frozenset({exp.ParseJSON})
"""What makes a document of a text: a step into it is one into the text."""


def _got(w: Walk, node: Any, key: str, name: str) -> Col:
    """A field by a function: `tupleElement(t, 'x')`, `jsonb_extract_path(j, 'a', 'b')`, `variant_get(v, '$.a')`."""
    way = getter(str(node.args["this"]).lower()) or Getter()
    source, *which = node.expressions
    steps = which if way.many else which[:1]
    if (element := _element(source, which)) is not None:
        w.known(source.find_all(exp.Column))
        return value(w, element, key, name)
    if way.typed and len(steps) > 1:
        steps = steps[:-1]
    path = [part for one in steps if one.__class__ is exp.Literal for part in written_path(one)]
    col = value(w, source, "", "")
    found = field(w, col, path) if path else col
    deps = merge([found], subtype=TRANSFORMATION if way.turned else IDENTITY)
    return Col(key, name, dict.fromkeys(deps, node), access=found.access, fields=found.fields)


def _element(row: Any, which: list[Any], first: int = 1) -> Any:
    """Of a row that is put together in place, the value at a place that is a number: `row(a, b)[2]`."""
    while row.__class__ is exp.Paren:
        row = row.args["this"]
    if row.__class__ not in (exp.Struct, exp.Tuple) or len(which) != 1 or not which[0].name.isdigit():
        return None
    place = int(which[0].name) - first
    if not 0 <= place < len(row.expressions) or which[0].__class__ is not exp.Literal:
        return None
    one = row.expressions[place]
    return one.args["expression"] if one.__class__ is exp.PropertyEQ else one.unalias()


def _handed_on(col: Col, node: Any, key: str, name: str) -> Col:
    """The same column under another name; a base column is from here on derived by `node`."""
    if not col.base:
        return col.renamed(key, name)
    return Col(key, name, dict.fromkeys(col.deps, node), False, col.access, col.fields)


def _struct(w: Walk, node: Any, key: str, name: str) -> Col:
    fields: dict[str, Col] = Keyed() if w.rules.has.structs_are_objects else {}
    for part in node.args.get("expressions") or ():
        inner, label = part, ""
        if part.__class__ is exp.PropertyEQ:
            inner, label = part.args["expression"], part.args["this"].name
        elif part.__class__ is exp.Alias:
            inner, label = part.args["this"], part.args["alias"].name
        elif part.__class__ is exp.Column:
            label = part.name
        label = label or f"_{len(fields)}"
        own = label if fields.__class__ is Keyed else w.fold(label)
        fields[own] = value(w, inner, own, label)
    deps = merge(list(fields.values()), subtype=TRANSFORMATION)
    return Col(key, name, dict.fromkeys(deps, node), fields=fields)


HANDLERS: Mapping[type, Handler | None] = MappingProxyType(
    {**dict.fromkeys(PATHS, access), exp.Anonymous: _getter}
)
