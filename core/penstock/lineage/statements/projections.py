"""What one item of a select list gives: one column, or many (stars, COLUMNS, UNNEST, EXPLODE, structs)."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.column_names import output_name
from penstock.lineage.expressions.functions import EXPLODES
from penstock.lineage.expressions.paths import value
from penstock.lineage.expressions.positions import positional
from penstock.lineage.scope.dependencies import (
    AGGREGATION,
    JOIN,
    TRANSFORMATION,
    Deps,
    extend,
)
from penstock.lineage.scope.lookup import column
from penstock.lineage.scope.results import Col, Elements, OpenStar, Pairs, merge
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.sources import decides_rows
from penstock.lineage.statements.star import (
    Item,
    StructResult,
    chosen,
    expand,
    naming,
    of_fields,
    one_column,
    starred,
)
from penstock.lineage.statements.table_functions import stacked, width_of

_PATTERN = re.compile(r"[.)\]][*+?]")


def is_pattern(w: Walk, ident: Any) -> bool:
    """Hive's name in backticks that stands for all columns whose names match."""
    quoted = w.rules.has.names_as_patterns and ident.args.get("quoted")
    return bool(quoted) and _PATTERN.search(ident.name) is not None


def project(w: Walk, node: Any, at: int) -> list[Item]:
    """What one item of a select list gives: one column, or many."""
    kind = node.__class__
    if kind is exp.Alias:
        ident = node.args["alias"]
        inner = node.args["this"]
        if fields := _spread(w, inner):
            return fields
        made = value(w, inner, w.key(ident), w.name(ident))
        _exploded(w, inner)
        many = starred(w, inner) if inner.__class__ is not exp.Column else None
        return _each_renamed(w, inner, many, ident) if many is not None else [made]
    if kind is exp.Column and node.args["this"].__class__ is not exp.Star:
        ident = node.args["this"]
        if ident.__class__ is exp.Parameter:
            return [value(w, node, f"${ident.name}", f"${ident.name}")]
        if is_pattern(w, ident):
            return _of_pattern(w, node, ident)
        return [value(w, node, w.key(ident), w.name(ident))]
    return _unaliased(w, node, at)


def _of_pattern(w: Walk, node: Any, ident: Any) -> list[Item]:
    w.known([node])
    whole = f"^(?:{ident.name})$"
    if node.args.get("table") is None:
        return chosen(w, exp.Columns(this=exp.Literal.string(whole)))
    matches = re.compile(whole, re.IGNORECASE).search
    return [one for one in expand(w, exp.Star(), node) if isinstance(one, OpenStar) or matches(one.name)]


def _unaliased(w: Walk, node: Any, at: int) -> list[Item]:
    kind = node.__class__
    if kind is exp.Star:
        return expand(w, node)
    if kind is exp.Column:
        return expand(w, node.args["this"], node)
    if kind is exp.Aliases:
        inner = node.args["this"]
        made = value(w, inner, "", "")
        _exploded(w, inner)
        return [_nth_alias(w, inner, made, ident) for ident in node.args["expressions"]]
    if kind is exp.Dot and node.args["expression"].__class__ is exp.Star:
        return _struct_star(w, node)
    if kind is exp.QueryTransform:
        made = value(w, node, "", "")
        schema = node.args.get("schema")
        return [made.renamed(w.key(one), w.name(one)) for one in _schema_names(schema)]
    many = starred(w, node)
    if many is not None:
        return _each(w, node, many)
    if kind in (exp.Like, exp.ILike, exp.Apply) and node.args["this"].__class__ is exp.Star:
        return _each(w, node, node.args["this"])
    if kind is exp.PositionalColumn:
        meant = positional(w, node)
        return [value(w, node, meant.key, meant.name)]
    if kind is exp.EQ and node.args["this"].__class__ is exp.Parameter:
        return [value(w, node.args["expression"], "", "")]  # T-SQL: `select @x = a`
    if fields := _spread(w, node):
        return fields
    key, name = output_name(w, node, at)
    made = value(w, node, key, name)
    _exploded(w, node)
    return [made]


def _spread(w: Walk, node: Any) -> list[Item]:
    """What stands for several columns: DuckDB's UNNEST of a struct, Spark's INLINE and POSEXPLODE. Empty for all else."""
    if w.rules.has.explode_makes_columns and isinstance(
        node, exp.Explode | exp.ExplodeOuter | exp.Posexplode
    ):
        return _exploded_columns(w, node)
    if isinstance(node, exp.Stack):
        _exploded(w, node)
        return [stacked(w, node, at).renamed(f"col{at}", f"col{at}") for at in range(width_of(node))]
    duckdb = node.__class__ is exp.Explode and w.rules.has.unnest_spreads_structs
    if not (duckdb or isinstance(node, exp.Inline)):
        return []
    inner = node.args["this"]
    col = column(w, inner) if inner.__class__ is exp.Column else value(w, inner, "", "")
    if duckdb and any(one.name.lower() == "recursive" for one in node.expressions):
        _exploded(w, node)
        return _leaves(w, col, node)
    if duckdb and (
        isinstance(col.fields, Elements | Pairs) or not (col.base or isinstance(inner, exp.Struct))
    ):
        return []  # an array, or what may be one
    if duckdb:
        return of_fields(col, node)
    _exploded(w, node)
    record = Col("", "", dict.fromkeys(merge([col], subtype=TRANSFORMATION), node), access=col.access)
    return of_fields(col, node) or [OpenStar(StructResult(w, record), 0, site=node)]


def _leaves(w: Walk, col: Col, node: Any) -> list[Item]:
    """DuckDB's `unnest(x, recursive := true)`: what is no struct and no array any more, as far as the types are known."""
    if not col.fields or isinstance(col.fields, Pairs):
        record = Col("", "", dict.fromkeys(merge([col], subtype=TRANSFORMATION), node), access=col.access)
        return [OpenStar(StructResult(w, record), 0, site=node)]
    found: list[Item] = []
    for one in col.fields.values():
        found += _leaves(w, one, node) if one.fields else [one]
    return found


def _exploded_columns(w: Walk, node: Any) -> list[Item]:
    """Spark's EXPLODE: `col`, or of a map `key` and `value`; POSEXPLODE gives the position before."""
    entries = value(w, node.args["this"], "", "").fields
    at_place: list[Item] = [Col("pos", "pos", {})] if isinstance(node, exp.Posexplode) else []
    if not isinstance(entries, Pairs):
        if not at_place:
            return []
        _exploded(w, node)
        return [*at_place, value(w, node, "col", "col")]
    _exploded(w, node)
    return [
        *at_place,
        *(
            Col(col.key, col.name, dict.fromkeys(col.deps, node), fields=col.fields)
            for col in entries.values()
        ),
    ]


def _schema_names(schema: Any) -> list[Any]:
    names = (
        schema.expressions if schema is not None else [exp.to_identifier("key"), exp.to_identifier("value")]
    )
    return [one.args["this"] if one.__class__ is exp.ColumnDef else one for one in names]


def _nth_alias(w: Walk, inner: Any, made: Col, ident: Any) -> Col:
    if isinstance(inner, exp.Posexplode) and ident.index == 0:
        return Col(w.key(ident), w.name(ident), {})
    if isinstance(inner, exp.Explode | exp.ExplodeOuter | exp.Posexplode):
        at = (ident.index or 0) - isinstance(inner, exp.Posexplode)
        entries = value(w, inner.args["this"], "", "").fields
        if isinstance(entries, Pairs):
            made = list(entries.values())[min(at, 1)]
            made = Col("", "", dict.fromkeys(made.deps, inner), fields=made.fields)
    if isinstance(inner, exp.Inline) and (fields := value(w, inner.args["this"], "", "").fields):
        at = ident.index or 0
        made = list(fields.values())[at] if at < len(fields) else made
    if isinstance(inner, exp.Stack):
        return stacked(w, inner, ident.index or 0).renamed(w.key(ident), w.name(ident))
    return made.renamed(w.key(ident), w.name(ident))


def _struct_star(w: Walk, node: Any) -> list[Item]:
    """`(expression).*`."""
    struct = value(w, node.args["this"], "", "")
    return of_fields(struct, node) or [OpenStar(StructResult(w, struct), 0, site=node)]


def _each(w: Walk, node: Any, many: Any) -> list[Item]:
    """An expression over COLUMNS(...) or a star stands for one such expression per column."""
    if many.__class__ is exp.Columns:
        picked = chosen(w, many)
    elif node.__class__ in (exp.Like, exp.ILike):
        picked = chosen(w, exp.Columns(this=exp.Lambda(this=node.copy(), expressions=[])))
    else:
        picked = expand(w, many)
    if node is many or node.__class__ in (exp.Like, exp.ILike):
        return picked
    applied = node.__class__ is exp.Apply
    made: list[Item] = []
    for item in picked:
        if isinstance(item, OpenStar):
            made.append(item)
        elif applied:
            subtype = _applied(w, node)
            deps: Deps = {}
            extend(deps, item.deps, subtype, node)
            name = f"{node.args['expression'].name}({item.name})"
            made.append(Col(w.rules.column_key(name), name, deps))
        else:
            with one_column(w, item):
                made.append(value(w, node, item.key, item.name))
    return made


def _each_renamed(w: Walk, node: Any, many: Any, ident: Any) -> list[Item]:
    named = naming(many, ident.name)
    made: list[Item] = []
    for item in _each(w, node, many):
        name = named(item.name) if isinstance(item, Col) else ""
        made.append(item.renamed(w.fold(name), name) if isinstance(item, Col) else item)
    return made


def _applied(w: Walk, node: Any) -> int:
    """ClickHouse's `* APPLY(sum)`."""
    function = node.args["expression"]
    called = exp.func(function.name, exp.Null(), dialect=w.rules.dialect)
    return AGGREGATION if isinstance(called, exp.AggFunc) else TRANSFORMATION


def _exploded(w: Walk, node: Any) -> None:
    """A function of the select list that turns one row into many decides the rows of all columns, also as a part of an expression."""
    whole = node.__class__ in EXPLODES or node.__class__ is exp.Unnest
    for one in [node] if whole else w.multiplied.copy():
        decides_rows(w, w.scope, one, JOIN)
    w.multiplied = []
