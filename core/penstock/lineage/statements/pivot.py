"""PIVOT and UNPIVOT: rows into columns and back."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.paths import value
from penstock.lineage.expressions.spelling import spelled
from penstock.lineage.scope.dependencies import (
    AGGREGATED,
    CONDITIONAL,
    FILTER,
    GROUP_BY,
    Deps,
    composed,
    used_as,
)
from penstock.lineage.scope.results import Col, OpenStar, Result, Scope, merge
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.star import chosen, expand


def pivoted(w: Walk, rel: Result, node: Any, name: str | None = None) -> tuple[Result, str | None]:
    """The result of one PIVOT or UNPIVOT over `rel`, which is called `name` inside it, and the result's own alias."""
    outer, scope = w.scope, Scope(w.scope.parent, w.scope.ctes)
    scope.add(name, rel)
    w.scope = scope
    made = _unpivot(w, rel, node) if node.args.get("unpivot") else _pivot(w, rel, node)
    w.scope = outer
    made.rows.parents.append(rel.rows)
    alias = node.args.get("alias")
    if alias is None:
        return made, None
    if alias.args.get("columns"):
        made = _renamed(w, made, alias.args["columns"])
    return made, w.key(alias.args["this"]) if alias.args.get("this") is not None else None


def _renamed(w: Walk, rel: Result, idents: list[Any]) -> Result:
    """Names by position. Those beyond the known columns are cells, when these are all that is not known."""
    made = Result(rows=rel.rows)
    cells = [open_star.rel for open_star in rel.open_stars if isinstance(open_star.rel, PivotCells)]
    named_all = len(rel.open_stars) == len(cells) == 1
    if len(rel.open_stars) == 1 and not cells and rel.open_stars[0].at == 0 and len(idents) > len(rel.cols):
        return _after_unknown(w, rel, idents)
    for at in range(max(len(rel.cols), len(idents) if named_all else 0)):
        col = rel.cols[at] if at < len(rel.cols) else cells[0].guess("", "")[0]
        made.add(col.renamed(w.key(idents[at]), w.name(idents[at])) if at < len(idents) else col)
    if not named_all:
        made.open_stars = rel.open_stars
    return made


def _after_unknown(w: Walk, rel: Result, idents: list[Any]) -> Result:
    """The columns before the cells are not known, and how many they are the list says; which is which it does not."""
    made = Result(rows=rel.rows)
    unknown = len(idents) - len(rel.cols)
    for ident in idents[:unknown]:
        key, name = w.key(ident), w.name(ident)
        choices = rel.guess(key, name)
        made.add(Col(key, name, {w.refs.doubted(dep): site for dep, site in merge(choices).items()}))
    for ident, col in zip(idents[unknown:], rel.cols, strict=True):
        made.add(col.renamed(w.key(ident), w.name(ident)))
    return made


def _used(node: Any) -> list[Any]:
    return list(node.find_all(exp.Column))


def _others(rel: Result, hidden: set[str]) -> Result:
    """The columns that the operator does not name, handed through."""
    made = Result(col for col in rel.listing() if col.key not in hidden)
    if rel.is_open:
        made.open_stars.append(OpenStar(rel, len(made.cols), frozenset(hidden)))
    return made


def _unpivot(w: Walk, rel: Result, node: Any) -> Result:
    turned, outputs, label = _unpivot_parts(node)
    hidden: set[str] = set()
    groups: list[list[Col]] = []
    for one in turned:
        if one.__class__ in (exp.Columns, exp.Star):  # DuckDB: UNPIVOT t ON COLUMNS(* EXCLUDE (a))
            items = chosen(w, one) if one.__class__ is exp.Columns else expand(w, one)
            groups.extend([item] if isinstance(item, Col) else item.guess("*", "*") for item in items)
            hidden.update(item.key for item in items if isinstance(item, Col))
        else:
            used = _used(one)
            hidden.update(w.key(column.args["this"]) for column in used)
            groups.append([value(w, column, "", "") for column in used])
    made = _others(rel, hidden)
    values_first = bool(node.args.get("value_columns_first")) or w.rules.has.unpivot_values_first
    if label is not None and not values_first:
        made.add(Col(w.key(label), w.name(label), {}))
    for at, ident in enumerate(outputs):
        taken = [group[at] for group in groups if at < len(group)]
        made.add(Col(w.key(ident), w.name(ident), merge(taken)))
    if label is not None and values_first:
        made.add(Col(w.key(label), w.name(label), {}))
    if not node.args.get("include_nulls"):
        for group in groups:
            for col in group:
                made.rows.decided_by(col.deps, FILTER, node)
    return made


def _unpivot_parts(node: Any) -> tuple[list[Any], list[Any], Any]:
    """What is turned into rows (each a column or a group of them), the names of the values, the name of the label."""
    into = node.args.get("into")
    if into is not None or not node.args.get("fields"):  # DuckDB: UNPIVOT t ON a, b INTO NAME k VALUE v
        groups = list(node.args.get("expressions") or ())
        label = _ident(into.args["this"]) if into is not None else exp.to_identifier("name")
        values = (into.args["expressions"] or []) if into is not None else [exp.to_identifier("value")]
        return groups, [_ident(one) for one in values], label
    field = node.args["fields"][0]
    outputs = [
        _ident(one)
        for written in node.args["expressions"]
        for one in (written.expressions if isinstance(written, exp.Tuple) else [written])
    ]
    return list(field.expressions), outputs, _ident(field.args["this"])


def _ident(node: Any) -> Any:
    return node.args["this"] if node.__class__ is exp.Column else node


def _pivot(w: Walk, rel: Result, node: Any) -> Result:
    args = node.args
    aggregates = args.get("using") or args.get("expressions") or ()
    turned = [*(args.get("fields") or ())] or [*(args.get("expressions") or ())]
    hidden = {
        w.peek(one.args["this"]) for part in (*aggregates, *turned) for one in _used(part) if _plain(one)
    }
    group = args.get("group")
    if group is not None:
        kept = [value(w, one, w.rules.column_key(one.name), one.name) for one in group.expressions]
        made = Result(kept)
    else:
        made = _others(rel, hidden)
    for col in (
        *made.cols,
        *(unknown for open_star in made.open_stars for unknown in open_star.guess("*", "*")),
    ):
        if group is not None:
            made.rows.decided_where_used(col.deps, GROUP_BY, node)
        else:
            made.rows.decided_by(col.deps, GROUP_BY, node)
    conditions = [col for one in turned for col in _turned_columns(w, one)]
    cells = [_cell(value(w, one, "", ""), conditions, one) for one in aggregates]
    names = _names(w, node, aggregates)
    if names is None:
        made.open_stars.append(OpenStar(PivotCells(cells), len(made.cols)))
        return made
    for at, (key, name) in enumerate(names):
        made.add(cells[at % len(cells)].renamed(key, name) if cells else Col(key, name, {}))
    return made


def _plain(column: Any) -> bool:
    return isinstance(column.args["this"], exp.Identifier)


def _turned_columns(w: Walk, node: Any) -> list[Col]:
    """The column whose values become names; where a subquery lists them, its columns too."""
    if node.__class__ is not exp.In:
        return [value(w, node, "", "")]
    found = [value(w, node.args["this"], "", "")]
    for one in node.args.get("expressions") or ():
        if isinstance(one, exp.Query):
            listed = w.derive(w, one, Scope(None, w.scope.ctes))
            found += [*listed.listing(), *listed.guess("*", "*")]
    return found


def _cell(aggregate: Col, conditions: list[Col], site: Any) -> Col:
    """A cell of the pivot: the aggregate over the rows where the turned column has that cell's value."""
    deps: Deps = dict.fromkeys((composed(dep, AGGREGATED) for dep in aggregate.deps), site)
    for col in conditions:
        for dep in col.deps:
            deps.setdefault(used_as(dep, CONDITIONAL), site)
    return Col("", "", deps)


class PivotCells(Result):
    """The columns of a pivot whose values are not written down: named by the data."""

    __slots__ = ("cells",)

    def __init__(self, cells: list[Col]) -> None:
        super().__init__()
        self.cells = cells

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        return [Col(key, name, merge(self.cells))]


def _names(w: Walk, node: Any, aggregates: Any) -> list[tuple[str, str]] | None:
    """The cells' names, aggregates turning fastest; None when the data decides."""
    written = node.args.get("columns")
    fields = node.args.get("fields") or node.args.get("expressions") or ()
    values = [one for part in fields if part.__class__ is exp.In for one in part.expressions]
    w.known(col for one in values if not isinstance(one, exp.Query) for col in one.find_all(exp.Column))
    if any(isinstance(one, exp.PivotAny | exp.Query) for one in values):
        return None
    if written:
        return [(w.key(one), w.name(one)) for one in written]
    if len(fields) != 1 or not values:
        return None
    names = []
    for one in values:
        label = one.alias_or_name or one.sql()
        for aggregate in aggregates:
            suffix = aggregate.alias
            if not suffix and len(aggregates) > 1 and w.rules.has.pivot_names_functions:
                suffix = spelled(w, aggregate)
            name = f"{label}_{suffix}" if suffix else label
            names.append((w.rules.column_key(name), name))
    return names
