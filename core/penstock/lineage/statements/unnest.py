"""UNNEST: arrays as rows, one column per array, and the position when it is asked for."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.paths import value
from penstock.lineage.scope.dependencies import JOIN, TRANSFORMATION, Deps
from penstock.lineage.scope.lookup import ElementResult
from penstock.lineage.scope.results import Col, Result, Scope, merge
from penstock.lineage.scope.walk import Walk


def unnested(w: Walk, scope: Scope, node: Any, alias: Any = None) -> Result:
    """UNNEST: one column per array, and the position when it is asked for."""
    alias = alias or node.args.get("alias")
    outer, w.scope = w.scope, scope
    arrays = [value(w, one, "", "") for one in node.args["expressions"]]
    elements = [_element(col, node) for col in arrays]
    w.scope = outer
    names = list(alias.args.get("columns") or ()) if alias is not None else []
    rel = Result()
    is_value = not names or (len(names) == 1 and alias.args.get("this") is None)
    if w.rules.has.one_column_unnest and is_value and len(elements) == 1:
        rel = ElementResult(w, elements[0], named=alias is not None and w.rules.has.alias_is_column)
    rows_from(rel, arrays, node)
    if names:
        columns = _columns_of(w, elements, len(names))
        for at, ident in enumerate(names):
            ident = ident.args["this"] if ident.__class__ is exp.ColumnDef else ident
            rel.add(columns[at].renamed(w.key(ident), w.name(ident)))
        if len(names) == 1 and alias.args.get("this") is None:
            rel.value = rel.cols[0]
    elif w.rules.has.rows_as_columns and len(elements) == 1 and not isinstance(rel, ElementResult):
        _add_row(w, rel, elements[0], alias)
    else:
        for at, element in enumerate(elements):
            name = _unnamed(w, alias, at)
            rel.add(element.renamed(w.fold(name), name))
        is_value = alias_is_column(w, alias) or (alias is None and isinstance(rel, ElementResult))
        rel.value = rel.cols[0] if len(elements) == 1 and is_value else None
    offset = node.args.get("offset")
    if offset is not None and offset is not False:
        ident = offset if isinstance(offset, exp.Identifier) else exp.to_identifier("offset")
        rel.add(Col(w.key(ident), w.name(ident), {}))
    return rel


def _add_row(w: Walk, rel: Result, element: Col, alias: Any) -> None:
    """The elements of an array of rows, which become a column for each field."""
    if element.fields:
        for col in element.fields.values():
            rel.add(col)
        return
    name = _unnamed(w, alias, 0)
    rel.add(element.renamed(w.fold(name), name))
    rel.value = rel.cols[0]


def alias_is_column(w: Walk, alias: Any) -> bool:
    return alias is not None and alias.args.get("this") is not None and w.rules.has.alias_is_column


def _unnamed(w: Walk, alias: Any, at: int) -> str:
    if alias_is_column(w, alias):
        return str(alias.args["this"].name)
    if w.rules.has.unnamed_by_number:
        return f"_col{at}"
    return "unnest" if not at else f"unnest_{at}"


def _columns_of(w: Walk, elements: list[Col], wanted: int) -> list[Col]:
    """The columns that the arrays give: a map gives two, an array of rows one per field. The type of one that is not known
    is what is left over; of several, no column between the first and the last is sure."""
    unknown = [at for at, one in enumerate(elements) if not one.fields]
    left = wanted - sum(len(one.fields or ()) for one in elements)
    if wanted <= len(elements):
        return elements
    if len(unknown) < 2 or len(elements) == 1:
        found: list[Col] = []
        for one in elements:
            found += list(one.fields.values()) if one.fields else [one] * max(left, 1)
        return found + elements[-1:] * (wanted - len(found))
    spare = wanted - len(elements)
    found = []
    for at in range(wanted):
        choices = elements[max(0, at - spare) : at + 1]
        deps = merge(choices)
        if len(choices) > 1:
            w.finding(
                "ambiguous-column", "UNNEST: which array gives which column depends on their types", None
            )
            deps = {w.refs.doubted(dep): site for dep, site in deps.items()}
        found.append(choices[0] if len(choices) == 1 else Col("", "", deps))
    return found


def _element(array: Col, site: Any) -> Col:
    deps: Deps = dict.fromkeys(merge([array], subtype=TRANSFORMATION), site)
    return Col("", "", deps, access=array.access, fields=array.fields)


def rows_from(rel: Result, arrays: list[Col], site: Any) -> None:
    """How many elements there are decides how often each row comes."""
    for col in arrays:
        rel.rows.decided_by(col.deps, JOIN, site)


def unpivoted_object(w: Walk, scope: Scope, node: Any) -> tuple[str | None, Result]:
    """Redshift's `unpivot t.o as val at attr`: the values of an object, and their names."""
    this, attribute = node.args["this"], None
    if this.__class__ is exp.AtIndex:
        this, attribute = this.args["this"], this.args["expression"]
    alias = this.args["alias"] if this.__class__ is exp.Alias else None
    outer, w.scope = w.scope, scope
    fields = value(w, this.args["this"] if alias is not None else this, "", "")
    w.scope = outer
    element = _element(fields, node)
    rel = Result()
    rows_from(rel, [fields], node)
    if alias is None:
        return None, rel
    rel.add(element.renamed(w.key(alias), w.name(alias)))
    rel.value = rel.cols[0]
    if attribute is not None:
        rel.add(Col(w.key(attribute), w.name(attribute), element.deps))
    return w.key(alias), rel
