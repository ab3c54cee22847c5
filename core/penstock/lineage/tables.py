"""Table functions, UNNEST, FLATTEN, EXPLODE: sources made from values. Their columns depend on the arguments."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.deps import JOIN, TRANSFORMATION, Deps
from penstock.lineage.expressions import visit
from penstock.lineage.paths import value
from penstock.lineage.places import outside
from penstock.lineage.scope import Col, Rel, Scope, merge
from penstock.lineage.walk import Walk

_FLATTEN = ("SEQ", "KEY", "PATH", "INDEX", "VALUE", "THIS")
_COLUMNS: dict[str, tuple[str, ...]] = {
    "json_each": ("key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json"),
    "json_tree": ("key", "value", "type", "atom", "id", "parent", "fullkey", "path", "json"),
    "jsonb_each": ("key", "value"),
    "json_each_text": ("key", "value"),
    "jsonb_each_text": ("key", "value"),
    "jsonb_array_elements": ("value",),
    "json_array_elements": ("value",),
    "jsonb_array_elements_text": ("value",),
    "json_array_elements_text": ("value",),
    "jsonb_object_keys": ("jsonb_object_keys",),
    "json_object_keys": ("json_object_keys",),
    "regexp_split_to_table": ("regexp_split_to_table",),
    "string_to_table": ("string_to_table",),
    "string_split": ("value", "ordinal"),
    "split_to_table": ("SEQ", "INDEX", "VALUE"),
    "strtok_split_to_table": ("SEQ", "INDEX", "VALUE"),
    "range": ("range",),
    "generate_series": ("generate_series",),
    "sequence": ("sequential_number",),
    "numbers": ("number",),
}
_FILE_READERS = frozenset(
    {"read_csv", "read_csv_auto", "read_parquet", "read_json", "read_json_auto", "readcsv"}
)


class FunctionRel(Rel):
    """What a table function gives when its columns are not known: any name is derived from its arguments."""

    __slots__ = ("deps",)

    def __init__(self, deps: Deps) -> None:
        super().__init__()
        self.deps = deps

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        return [Col(key, name, self.deps)]


def unnested(w: Walk, scope: Scope, node: Any, alias: Any = None) -> Rel:
    """UNNEST: one column per array, and the position when it is asked for."""
    alias = alias or node.args.get("alias")
    outer, w.scope = w.scope, scope
    arrays = [value(w, one, "", "") for one in node.args["expressions"]]
    elements = [_element(w, one, col) for one, col in zip(node.args["expressions"], arrays, strict=True)]
    w.scope = outer
    names = list(alias.args.get("columns") or ()) if alias is not None else []
    rel = Rel()
    _decides_rows(rel, arrays, node)
    if names:
        for at, ident in enumerate(names):
            ident = ident.args["this"] if ident.__class__ is exp.ColumnDef else ident
            rel.add(_nth(elements, at, len(names)).renamed(w.key(ident), w.name(ident)))
        if len(names) == 1 and alias.args.get("this") is None:
            rel.value = rel.cols[0]
    else:
        for at, element in enumerate(elements):
            name = _unnamed(w, alias, at)
            rel.add(element.renamed(w.fold(name), name))
        rel.value = rel.cols[0] if len(elements) == 1 and _alias_is_column(w, alias) else None
    offset = node.args.get("offset")
    if offset is not None and offset is not False:
        ident = offset if isinstance(offset, exp.Identifier) else exp.to_identifier("offset")
        rel.add(Col(w.key(ident), w.name(ident), {}))
    return rel


def _alias_is_column(w: Walk, alias: Any) -> bool:
    return alias is not None and alias.args.get("this") is not None and w.rules.dialect in _ALIAS_COLUMN


_ALIAS_COLUMN = frozenset({"postgres", "redshift", "bigquery"})


def _unnamed(w: Walk, alias: Any, at: int) -> str:
    if _alias_is_column(w, alias):
        return str(alias.args["this"].name)
    if w.rules.dialect in ("trino", "presto", "athena"):
        return f"_col{at}"
    return "unnest" if not at else f"unnest_{at}"


def _nth(elements: list[Col], at: int, wanted: int) -> Col:
    """More names than arrays: a map gives two columns, an array of rows one per field."""
    if wanted == len(elements) or at < len(elements) - 1:
        return elements[min(at, len(elements) - 1)]
    last = elements[-1]
    fields = list(last.fields.values()) if last.fields else []
    inner = at - (len(elements) - 1)
    return fields[inner] if inner < len(fields) else last


def _element(w: Walk, node: Any, array: Col) -> Col:
    deps: Deps = dict.fromkeys(merge([array], subtype=TRANSFORMATION), node)
    return Col("", "", deps, access=array.access, fields=_fields_of_elements(w, node, array))


def _fields_of_elements(w: Walk, node: Any, array: Col) -> dict[str, Col] | None:
    if array.fields is not None:
        return array.fields
    if node.__class__ is exp.Array and node.expressions and node.expressions[0].__class__ is exp.Struct:
        return value(w, node.expressions[0], "", "").fields
    return None


def _decides_rows(rel: Rel, arrays: list[Col], site: Any) -> None:
    """How many elements there are decides how often each row comes."""
    for col in arrays:
        for dep in col.deps:
            rel.rows.own.setdefault(dep & -16 | JOIN, site)


def function_rel(w: Walk, scope: Scope, node: Any, alias: Any, ordinality: Any = None) -> Rel:
    """A table function: its columns as its alias, its definition or its nature names them."""
    if (
        node.__class__ is exp.Anonymous
        and str(node.args["this"]).lower() == "table"
        and len(node.expressions) == 1
    ):
        node = node.expressions[0]  # `table(f(x))`
    file = _file(w, node)
    if file is not None:
        return file
    outer, w.scope, acc, site = w.scope, scope, w.acc, w.site
    deps: Deps = {}
    w.acc = deps
    w.site = node
    flattened = _flatten_input(node)
    array = value(w, flattened, "", "") if flattened is not None else None
    if array is not None:
        w.add(array, TRANSFORMATION)
    else:
        visit(w, node, TRANSFORMATION)
    w.scope, w.acc, w.site = outer, acc, site
    rel = _columns(w, node, alias, deps, array)
    for dep in deps:
        rel.rows.own.setdefault(dep & -16 | JOIN, node)
    if ordinality and rel.cols and alias is not None and not alias.args.get("columns"):
        rel.add(Col("ordinality", "ordinality", {}))
    return rel


def _flatten_input(node: Any) -> Any:
    """The value whose elements become rows, for functions of one such value."""
    if not isinstance(node, exp.Explode | exp.ExplodeOuter | exp.Posexplode | exp.Inline):
        return None
    inner = node.args["this"]
    if inner.__class__ is exp.Kwarg:
        named = {
            str(one.this.name).lower(): one.expression
            for one in (inner, *(node.args.get("expressions") or ()))
            if one.__class__ is exp.Kwarg
        }
        path = named.get("path")
        inner = named.get("input", inner.expression)
        if path is not None and path.__class__ is exp.Literal:
            return exp.StructExtract(this=inner, expression=path)
    return inner


def _columns(w: Walk, node: Any, alias: Any, deps: Deps, array: Col | None) -> Rel:
    declared = _declared(node)
    written = (
        list(alias.args.get("columns") or ())
        if alias is not None and alias.__class__ is exp.TableAlias
        else []
    )
    snowflake = w.rules.dialect == "snowflake" and array is not None
    if written or declared or snowflake:
        idents = written or declared or [exp.to_identifier(name) for name in _FLATTEN]
        rel = Rel()
        for ident in idents:
            ident = ident.args["this"] if ident.__class__ is exp.ColumnDef else ident
            rel.add(_column(w, ident, node, deps, array, snowflake=snowflake))
        return rel
    names = _names(w, node, alias)
    if names is None:
        return FunctionRel(deps)
    rel = Rel(Col(w.fold(name), w.rules.stores(name), deps, access=array is not None) for name in names)
    if len(names) == 1 and _alias_is_column(w, alias):
        rel.value = rel.cols[0]
    return rel


def _column(w: Walk, ident: Any, node: Any, deps: Deps, array: Col | None, *, snowflake: bool) -> Col:
    key, name = w.key(ident), w.name(ident)
    if snowflake and name == "SEQ":
        return Col(key, name, {})
    reaches = array is not None and array.access and not (snowflake and name in ("KEY", "PATH", "INDEX"))
    if array is not None and array.fields and key in array.fields:
        return array.fields[key]
    if isinstance(node, exp.Posexplode) and name == "pos":
        return Col(key, name, {})
    return Col(key, name, deps, access=reaches)


def _declared(node: Any) -> list[Any]:
    """Columns that the function itself declares: JSON_TABLE, OPENJSON, XMLTABLE."""
    if isinstance(node, exp.JSONTable):
        return [
            one.args["this"] for one in _json_columns(node.args["schema"]) if one.args.get("this") is not None
        ]
    if isinstance(node, exp.OpenJSON):
        return [one.args["this"] for one in node.expressions] or [
            exp.to_identifier(name) for name in ("key", "value", "type")
        ]
    if isinstance(node, exp.XMLTable):
        return [one.args["this"] for one in node.args.get("columns") or ()]
    return []


def _json_columns(schema: Any) -> list[Any]:
    found: list[Any] = []
    for one in schema.expressions:
        nested = one.args.get("nested_schema")
        found.extend(_json_columns(nested) if nested is not None else [one])
    return found


def _names(w: Walk, node: Any, alias: Any) -> tuple[str, ...] | None:
    """The columns of well-known functions; None when they are not known."""
    named = alias is not None and alias.__class__ is exp.TableAlias and alias.args.get("this") is not None
    if isinstance(node, exp.Posexplode):
        return ("pos", "col")
    if isinstance(node, exp.Explode):
        return (str(alias.args["this"].name),) if named and w.rules.dialect == "databricks" else ("col",)
    if isinstance(node, exp.Generator):
        return ()
    if isinstance(node, exp.GenerateSeries | exp.ExplodingGenerateSeries):
        name = "generate_series"
    else:
        name = str(node.args.get("this") if node.__class__ is exp.Anonymous else node.key).lower()
    known = _COLUMNS.get(name) or _COLUMNS.get(type(node).__name__.lower())
    if known is not None and len(known) == 1 and named and w.rules.dialect in ("postgres", "redshift"):
        return (str(alias.args["this"].name),)
    return known


def _file(w: Walk, node: Any) -> Rel | None:
    """`read_csv('x.csv')`: the file is the relation."""
    name = str(node.args.get("this") if node.__class__ is exp.Anonymous else node.key).lower()
    if name not in _FILE_READERS:
        return None
    arguments = node.args.get("expressions") if node.__class__ is exp.Anonymous else [node.args.get("this")]
    if not arguments or arguments[0].__class__ is not exp.Literal:
        return None
    return outside(w, (arguments[0].name,))
