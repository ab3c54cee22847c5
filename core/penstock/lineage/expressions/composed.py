"""Values that are put together from others: what can be reached inside an array, a map, a branch or a cast."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlglot import exp

from penstock.lineage.scope.dependencies import (
    CONDITIONAL,
    TRANSFORMATION,
    Deps,
    is_direct,
    used_as,
)
from penstock.lineage.scope.fields import field
from penstock.lineage.scope.results import Col, Fields, Keyed, Pairs, Result, merge
from penstock.lineage.scope.walk import Walk

Value = Callable[[Walk, Any, str, str], Col]

_MAPS = frozenset(
    getattr(exp, name)
    for name in ("Map", "VarMap", "ToMap", "MapFromEntries", "MapFromArrays", "MapConcat", "StrToMap", "MapFilter")
    if hasattr(exp, name)
)  # fmt: skip
_MAP_FUNCTIONS = frozenset(
    {
        "map_filter",
        "map_concat",
        "map_from_arrays",
        "map_zip_with",
        "transform_values",
        "transform_keys",
        "map_agg",
    }
)
_CASTS = frozenset({exp.Cast, exp.TryCast})
_COALESCING = frozenset({exp.Coalesce, exp.Greatest, exp.Least})
_BRANCHING = frozenset({exp.If, exp.Nvl2, exp.Case, exp.Nullif}) | _COALESCING
_ONE_BY_ONE = frozenset({exp.Explode, exp.ExplodeOuter, exp.Unnest})
# Arrays with the elements, or some of the elements, of their argument.
_SAME_ELEMENTS = frozenset(
    getattr(exp, name)
    for name in ("ArrayReverse", "ArraySort", "SortArray", "ArrayDistinct", "ArraySlice", "ArrayCompact", "ArrayFilter")
    if hasattr(exp, name)
)  # fmt: skip
_ZIPPED = frozenset(getattr(exp, name) for name in ("ArraysZip",) if hasattr(exp, name))
_OBJECTS = frozenset(getattr(exp, name) for name in ("JSONObject", "JSONBObject") if hasattr(exp, name))
_OBJECT_FUNCTIONS = frozenset({"json_build_object", "jsonb_build_object", "json_object"})
COMPOSED = (
    _MAPS
    | _OBJECTS
    | _ZIPPED
    | _SAME_ELEMENTS
    | {exp.ArrayConcat}
    | _ONE_BY_ONE
    | _CASTS
    | _BRANCHING
    | {exp.Array, exp.List, exp.Anonymous}
)
"""The classes that `fields_inside` may know something of."""


def fields_inside(w: Walk, node: Any, deps: Deps, value: Value) -> dict[str, Col] | None:
    """The fields of a value that other values were put together to; None for what has none. `deps` are the whole value's."""
    kind = node.__class__
    if kind in _BRANCHING:
        return _of_branches(w, node, value)
    if kind in _ONE_BY_ONE or kind in _SAME_ELEMENTS:
        return _of_element(w, node, value)
    if kind in _OBJECTS:
        pairs = [(one.args.get("this"), one.args.get("expression")) for one in node.expressions]
        return _of_object(w, pairs, value)
    if kind is exp.Anonymous and str(node.args["this"]).lower() in _OBJECT_FUNCTIONS:
        return _of_object(w, list(zip(node.expressions[::2], node.expressions[1::2], strict=False)), value)
    if kind is exp.Anonymous and str(node.args["this"]).lower() in _INSERTING and node.expressions:
        return _inserted(w, node, value)
    if kind in _ZIPPED:
        return _zipped(w, node, value)
    if kind is exp.ArrayConcat:
        arrays = [node.args["this"], *(node.args.get("expressions") or ())]
        return _met(w, [value(w, one, "", "").fields for one in arrays])
    if kind is exp.Array or kind is exp.List:
        return fields_of_elements(w, node.expressions, value)
    if kind in _CASTS:
        return _of_cast(w, node, deps, value)
    if kind in _MAPS or (kind is exp.Anonymous and str(node.args["this"]).lower() in _MAP_FUNCTIONS):
        return _of_map(w, node, deps, value)
    return None


def _of_element(w: Walk, node: Any, value: Value) -> dict[str, Col] | None:
    """`unnest(structs)` in a select list: an element has the fields of its array."""
    array = node.args.get("this") or next(iter(node.expressions), None)
    fields = value(w, array, "", "").fields if array is not None else None
    return None if not fields or isinstance(fields, Pairs) else fields


def _of_object(w: Walk, pairs: list[tuple[Any, Any]], value: Value) -> dict[str, Col] | None:
    """`jsonb_build_object('x', a)`: the field `x` is `a`. None where a key is no text."""
    if not all(key.__class__ is exp.Literal and isinstance(one, exp.Expr) for key, one in pairs):
        return None
    return Keyed((literal.name, value(w, one, literal.name, literal.name)) for literal, one in pairs)


_INSERTING = frozenset({"struct_insert", "struct_update"})


class _Inserted(Result):
    """What a struct holds beside the fields that were put into it."""

    __slots__ = ("struct", "w")

    def __init__(self, w: Walk, struct: Col) -> None:
        super().__init__()
        self.w = w
        self.struct = struct

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        return [field(self.w, self.struct, [name])] if key != "*" else [self.struct]


def _inserted(w: Walk, node: Any, value: Value) -> dict[str, Col] | None:
    """DuckDB's `struct_insert(a, q := b)`: the field `q` is `b`, and any other is one of `a`."""
    struct, *put = node.expressions
    if any(one.__class__ is not exp.PropertyEQ for one in put):
        return None
    base = value(w, struct, "", "")
    names = [one.args["this"].name for one in put]
    cols = [
        value(w, one.args["expression"], w.fold(name), name) for name, one in zip(names, put, strict=True)
    ]
    known = {**(base.fields or {}), **{col.key: col for col in cols}}
    return Fields(known.values(), _Inserted(w, base))


def _zipped(w: Walk, node: Any, value: Value) -> dict[str, Col]:
    """Spark's `arrays_zip(a, t.b, f(c))`: structs of `a`, `b` and `2`."""
    found: dict[str, Col] = {}
    for at, one in enumerate(node.expressions):
        key, name = w.named(one.args["this"]) if one.__class__ is exp.Column else (str(at), str(at))
        col = value(w, one, key, name)
        deps = dict.fromkeys(merge([col], subtype=TRANSFORMATION), node)
        found[key] = Col(key, name, deps, access=col.access, fields=col.fields)
    return found


def fields_of_elements(w: Walk, elements: Any, value: Value) -> dict[str, Col] | None:
    """The fields of an array's elements. Where their names differ they meet by place, under the first one's names."""
    if not elements or not (
        elements[0].__class__ in (exp.Struct, exp.Tuple, *_CASTS) or isinstance(elements[0], exp.Query)
    ):
        return None
    return _met(w, [value(w, one, "", "").fields for one in elements])


def _met(w: Walk, records: list[dict[str, Col] | None]) -> dict[str, Col] | None:
    first = records[0]
    if not first or isinstance(first, Pairs) or any(not one or len(one) != len(first) for one in records):
        return None
    same_names = all(one and one.keys() == first.keys() for one in records)
    is_object = first.__class__ is Keyed
    if is_object and not same_names:
        return None
    by_name = (w.rules.has.structs_by_name or is_object) and same_names
    found: dict[str, Col] = Keyed() if is_object else {}
    for at, (key, col) in enumerate(first.items()):
        cols = [one[key] if by_name else list(one.values())[at] for one in records if one]
        found[key] = col if len(cols) == 1 else Col(key, col.name, merge(cols))
    return found


def _of_cast(w: Walk, node: Any, deps: Deps, value: Value) -> dict[str, Col] | None:
    """`cast(row(a, b) as row(x int, y int))`: the type gives the fields their names."""
    to = node.args["to"]
    if not isinstance(to, exp.DataType) or not to.args.get("nested"):
        return None
    if to.this == exp.DataType.Type.MAP:
        return _pairs(deps, deps, node)
    inner = value(w, node.args["this"], "", "").fields
    return _named_by_type(w, inner, to, node) if inner and not isinstance(inner, Fields) else None


def _named_by_type(w: Walk, fields: dict[str, Col], kind: Any, site: Any) -> dict[str, Col] | None:
    while kind.this in (exp.DataType.Type.ARRAY, exp.DataType.Type.LIST) and kind.expressions:
        kind = kind.expressions[0]
    named = [one for one in kind.expressions if one.__class__ is exp.ColumnDef]
    if len(named) != len(fields):
        return fields
    found: dict[str, Col] = {}
    for part, col in zip(named, fields.values(), strict=True):
        label, inner = part.args["this"].name, part.args.get("kind")
        below = _named_by_type(w, col.fields, inner, site) if col.fields and inner is not None else col.fields
        deps = dict.fromkeys(merge([col], subtype=TRANSFORMATION), site)
        found[w.fold(label)] = Col(w.fold(label), label, deps, fields=below)
    return found


def _of_map(w: Walk, node: Any, deps: Deps, value: Value) -> Pairs:
    keys, values = node.args.get("keys"), node.args.get("values")
    if keys is None or values is None:
        return _pairs(deps, deps, node)
    return _pairs(value(w, keys, "", "").deps, value(w, values, "", "").deps, node)


def _pairs(keys: Deps, values: Deps, site: Any) -> Pairs:
    return Pairs({
        name: Col(name, name, dict.fromkeys(merge([Col("", "", deps)], subtype=TRANSFORMATION), site))
        for name, deps in (("key", keys), ("value", values))
    })  # fmt: skip


def _of_branches(w: Walk, node: Any, value: Value) -> dict[str, Col] | None:
    """`if(x, t, u).a`: a field of any branch; which branch it is depends on the condition."""
    conditions, branches = _branches(node)
    given = [one for one in branches if isinstance(one, exp.Expr) and one.__class__ is not exp.Null]
    if not given or given[0].__class__ not in _MAY_HAVE_FIELDS:
        return None
    records: list[dict[str, Col]] = []
    for one in given:
        fields = value(w, one, "", "").fields
        if not fields or isinstance(fields, Fields | Pairs):
            return None
        records.append(fields)
    decides = _conditional(value(w, one, "", "").deps for one in conditions if isinstance(one, exp.Expr))
    found: dict[str, Col] = Keyed() if records[0].__class__ is Keyed else {}
    for key, col in records[0].items():
        cols = [inner for one in records if (inner := one.get(key)) is not None]
        deps = dict.fromkeys(merge(cols, subtype=TRANSFORMATION), node)
        found[key] = Col(key, col.name, {**deps, **{dep: node for dep in decides if dep not in deps}})
    return found


_MAY_HAVE_FIELDS = frozenset({exp.Column, exp.Struct, exp.Tuple, exp.Paren}) | _BRANCHING


def _branches(node: Any) -> tuple[list[Any], list[Any]]:
    """What decides between the branches, and the branches."""
    args, kind = node.args, node.__class__
    if kind is exp.Case:
        whens = args["ifs"]
        decides = [args.get("this"), *(one.args["this"] for one in whens)]
        return decides, [*(one.args.get("true") for one in whens), args.get("default")]
    if kind is exp.Nullif:
        return [args.get("expression")], [args["this"]]
    if kind in _COALESCING:
        return [], [args["this"], *(args.get("expressions") or ())]
    return [args["this"]], [args.get("true"), args.get("false")]


def _conditional(found: Iterable[Deps]) -> Deps:
    return {
        (used_as(dep, CONDITIONAL) if is_direct(dep) else dep): site
        for deps in found
        for dep, site in deps.items()
    }
