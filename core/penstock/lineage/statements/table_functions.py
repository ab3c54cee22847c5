"""Table functions, FLATTEN, EXPLODE, JSON_TABLE: sources made from values. Their columns depend on the arguments."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from penstock.lineage.dialects.table_functions import (
    COLUMNS,
    ELEMENTS,
    FLATTEN,
    RECORDS,
)
from penstock.lineage.expressions.paths import value, written_path
from penstock.lineage.expressions.visit import visit, visit_all
from penstock.lineage.records import Parts
from penstock.lineage.scope.dependencies import JOIN, TRANSFORMATION, Deps
from penstock.lineage.scope.fields import field
from penstock.lineage.scope.relations import outside
from penstock.lineage.scope.results import Col, Pairs, Result, Scope, merge
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.function_results import (
    EntriesResult,
    FunctionResult,
    called_function,
    found_vectors,
)
from penstock.lineage.statements.table_arguments import (
    file_named,
    handed_on,
    hands_on,
    inputs,
    is_trained,
    model_name,
    named_relation,
    others,
    without_excluded,
)
from penstock.lineage.statements.unnest import alias_is_column


def function_result(w: Walk, scope: Scope, node: Any, alias: Any, ordinality: Any = None) -> Result:
    """A table function: its columns as its alias, its definition or its nature names them."""
    if (parts := remote_parts(w, node)) is not None:
        return outside(w, parts)
    if _called(w, node) == "openquery" and node.expressions:
        w.known(node.expressions)
        w.finding("not-followed", "openquery: the query in its text is not followed", node)
        return outside(w, (node.expressions[0].name,))  # a linked server: what is asked there is not read
    if _called(w, node) == "table" and len(node.expressions) == 1:
        node = node.expressions[0]  # `table(f(x))`
    if node.__class__ is exp.Dot and _is_in_schema(scope, w, node):
        node = node.args["expression"]
    called = _called(w, node)
    whole = file_named(w, node) or named_relation(w, node, called) or called_function(w, scope, node)
    if whole is not None:
        return whole
    outer, w.scope, acc, site = w.scope, scope, w.acc, w.site
    deps: Deps = {}
    w.acc, w.site = deps, node
    document = _document(w, node)
    source = value(w, document, "", "") if document is not None else None
    tables: list[Result] = []
    if source is not None:
        w.add(source, TRANSFORMATION)
    elif isinstance(node, exp.XMLTable):
        visit(w, node, TRANSFORMATION)  # a query that it is passed is one value
    else:
        tables = _inputs(w, scope, node, called)
    made = _Function(w, node, alias, deps, source, tables)
    rel = made.rel()
    if tables and isinstance(rel, FunctionResult):
        rel = _of_inputs(w, node, called, tables, rel)
    w.scope, w.acc, w.site = outer, acc, site
    rel.rows.decided_by(deps, JOIN, node)
    if isinstance(node, exp.Anonymous) and any(
        _is_query_text(part) for one in node.expressions for part in one.find_all(exp.Kwarg, exp.Literal)
    ):
        w.finding("not-followed", f"{_called(w, node)}: the query in its text is not followed", node)
    elif node.__class__ is exp.Anonymous and not (tables or deps or called in COLUMNS or called in ELEMENTS):
        w.finding("not-followed", f"{called}: what this function reads is not known", node)
    if ordinality and rel.cols and alias is not None and not alias.args.get("columns"):
        rel.add(Col("ordinality", "ordinality", {}))
    return rel


def _of_inputs(w: Walk, node: Any, called: str, tables: list[Result], rel: FunctionResult) -> Result:
    """What functions give that are known to hand their input on."""
    if called in _QUERIES:
        return tables[0]
    if isinstance(node, exp.VectorSearch) and len(tables) == 2:
        return found_vectors(tables, rel)
    return without_excluded(w, node, called, handed_on(tables, rel), tables) if hands_on(called) else rel


_QUERIES = frozenset({"view", "viewifpermitted"})
"""ClickHouse's `view(select ...)` is its query."""


def _is_query_text(node: Any) -> bool:
    """PostgreSQL's `crosstab('select ...')`, Trino's `query(query => 'select ...')`."""
    node = node.args["expression"] if node.__class__ is exp.Kwarg else node
    return (
        node.__class__ is exp.Literal
        and node.args["is_string"]
        and node.name.lower().split(None, 1)[:1] in (["select"], ["with"])
    )


def _is_in_schema(scope: Scope, w: Walk, node: Any) -> bool:
    """`dbo.f(a)` in FROM, and not the method of a value: `x.nodes(...)`."""
    called, first = node.args["expression"], node.args["this"]
    while first.__class__ is exp.Dot:
        first = first.args["this"]
    is_method = called.name.lower() in ELEMENTS or first.__class__ is not exp.Identifier
    return isinstance(called, exp.Func) and not is_method and w.peek(first) not in scope.by_alias


_ELSEWHERE = frozenset({"remote", "remotesecure", "cluster", "clusterallreplicas"})


def remote_parts(w: Walk, node: Any) -> Parts | None:
    """The relation of another server that ClickHouse's `remote(...)` names; None for all else."""
    call: Any = node.find(exp.Func) if node.__class__ is exp.Table else node
    if call is None or not w.rules.has.remote_functions or _called(w, call) not in _ELSEWHERE:
        return None
    return _elsewhere(w, call) if len(call.expressions) > 1 else None


def _elsewhere(w: Walk, node: Any) -> Parts:
    """ClickHouse: `remote('host', db.table)`, `cluster('name', db, table)`."""
    w.known(node.expressions)
    second = node.expressions[1]
    if isinstance(second, exp.Column) and second.args.get("table") is not None:
        return (w.name(second.args["table"]), w.name(second.args["this"]))
    third = node.expressions[2] if len(node.expressions) > 2 else None
    if second.__class__ is exp.Literal:
        if "." in second.name or third.__class__ is not exp.Literal:
            return w.catalog.parts_of(second.name)
        return (second.name, third.name)
    named = [second.name] if not isinstance(third, exp.Column) else [second.name, third.name]
    return tuple(named)


def _inputs(w: Walk, scope: Scope, node: Any, called: str) -> list[Result]:
    """The queries and relations among the arguments, derived. What stands beside them can name their columns."""
    found = inputs(w, node, called)
    tables: list[Result] = []
    inner = Scope(scope, scope.ctes)
    beside: list[Any] = []
    for _, source, keys in found:
        if is_trained(node, source):
            told = ".".join(model_name(w, source))
            w.finding(
                "not-followed", f"{told} is a trained model: what it learned from is not followed", source
            )
            continue
        rel = w.derive(w, source, scope)
        tables.append(rel)
        inner.add(None, rel)
        beside.extend(keys)
    w.scope = inner if tables else scope
    around = w.acc
    if tables:
        w.acc = inner.rows.own  # keys and columns that are named decide which rows there are
    visit_all(w, beside, JOIN)
    for one in others(node, {id(argument) for argument, _, _ in found}) if found else (node,):
        visit(w, one, JOIN if tables else TRANSFORMATION)
    w.acc, w.scope = around, scope
    for rel in tables:
        rel.rows.parents.append(inner.rows) if rel.rows is not inner.rows else None
    return tables


def _called(w: Walk, node: Any) -> str:
    """The function's name, in small letters."""
    if node.__class__ is exp.Anonymous:
        return str(node.args["this"]).lower()
    if node.__class__ is exp.Dot:
        return _called(w, node.args["expression"])
    return (w.text_of_name(node) or getattr(node, "key", "")).lower()


def _document(w: Walk, node: Any) -> Any:
    """The value whose elements or fields become rows and columns, for functions of one such value."""
    if isinstance(node, exp.Explode | exp.ExplodeOuter | exp.Posexplode | exp.Inline):
        return _flatten_input(node)
    if isinstance(node, exp.JSONTable | exp.OpenJSON):
        return node.args["this"]
    if node.__class__ is exp.Dot and _called(w, node) in ELEMENTS:
        document = node.args["this"]  # T-SQL: `doc.nodes('/a')`
        return exp.Column(this=document) if document.__class__ is exp.Identifier else document
    if node.__class__ is exp.Anonymous and _called(w, node) in ELEMENTS and node.expressions:
        return node.expressions[0]
    return None


def _flatten_input(node: Any) -> Any:
    """Snowflake's FLATTEN names its input, and perhaps a path in it."""
    inner = node.args["this"]
    if inner.__class__ is not exp.Kwarg:
        return inner
    written = (inner, *(node.args.get("expressions") or ()))
    named = {str(one.this.name).lower(): one.expression for one in written if one.__class__ is exp.Kwarg}
    path = named.get("path")
    inner = named.get("input", inner.expression)
    if path is not None and path.__class__ is exp.Literal:
        return exp.StructExtract(this=inner, expression=path)
    return inner


_ELEMENT_BY_ELEMENT = (exp.Explode, exp.ExplodeOuter, exp.Inline)


class _Function:
    """One call of a table function, on its way to a result."""

    def __init__(
        self, w: Walk, node: Any, alias: Any, deps: Deps, source: Col | None, tables: list[Result]
    ) -> None:
        self.tables = tables
        self.w = w
        self.node = node
        self.alias = alias if alias.__class__ is exp.TableAlias else None
        self.deps = deps
        self.source = source
        self.name = _called(w, node)
        self.flattens = w.rules.has.flatten_columns and isinstance(node, exp.Explode | exp.ExplodeOuter)

    def rel(self) -> Result:
        written = list(self.alias.args.get("columns") or ()) if self.alias is not None else []
        idents = [one.args["this"] if one.__class__ is exp.ColumnDef else one for one in written]
        declared = _declared(self.node)
        if idents or declared or self.flattens:
            default = [exp.to_identifier(name) for name in FLATTEN]
            named = idents or [ident for ident, _ in declared] or default
            paths: list[list[str] | None] = [*(path for _, path in declared), *([None] * len(named))]
            return Result(
                self._column(ident, at, paths[at] if at < len(paths) else None)
                for at, ident in enumerate(named)
            )
        names = self._names()
        if names is None:
            return FunctionResult(self.w.refs, self.deps, self.tables)
        w, source = self.w, self.source
        reaches = source is not None and source.access
        fields = source.fields if source is not None and isinstance(self.node, _ELEMENT_BY_ELEMENT) else None
        if isinstance(self.node, exp.Inline) and fields:
            return Result(fields.values())
        if isinstance(fields, Pairs):
            return Result(
                Col(key, key, dict.fromkeys(col.deps, self.node), fields=col.fields)
                for key, col in fields.items()
            )
        one_of_many = isinstance(self.node, exp.Explode | exp.ExplodeOuter) and len(names) == 1
        kind = EntriesResult if one_of_many and fields is None else Result
        rel = kind(
            Col(w.fold(name), w.rules.stores(name), self.deps, access=reaches, fields=fields)
            for name in names
        )
        if len(names) == 1 and alias_is_column(w, self.alias):
            rel.value = rel.cols[0]
        return rel

    def _column(self, ident: Any, at: int, path: list[str] | None) -> Col:
        w, node, source = self.w, self.node, self.source
        key, name = w.key(ident), w.name(ident)
        if isinstance(node, exp.Stack):
            return self._stacked(key, name, at)
        if (self.flattens and name == "SEQ") or (
            isinstance(node, exp.Posexplode) and at == 0 and name == "pos"
        ):
            return Col(key, name, {})
        if self.name == "json_tuple" and at + 1 < len(node.expressions):
            path = written_path(node.expressions[at + 1])
        elif self.name in RECORDS:
            path = [ident.name]
        if source is None:
            return Col(key, name, self.deps)
        if isinstance(node, _ELEMENT_BY_ELEMENT):
            return self._element(key, name, at, source)
        if source.fields and key in source.fields:
            return source.fields[key]
        if path:
            deeper = field(w, source, path)
            return Col(
                key, name, dict.fromkeys(merge([deeper], subtype=TRANSFORMATION), node), access=deeper.access
            )
        reaches = source.access and not (self.flattens and name in ("KEY", "PATH", "INDEX"))
        return Col(key, name, self.deps, access=reaches)

    def _element(self, key: str, name: str, at: int, source: Col) -> Col:
        """An element of an array; INLINE gives its fields, each a column."""
        fields = source.fields
        if isinstance(fields, Pairs) and not self.flattens:
            col = list(fields.values())[min(at, 1)]
            return Col(key, name, dict.fromkeys(col.deps, self.node), fields=col.fields)
        if isinstance(self.node, exp.Inline) and fields and at < len(fields):
            return list(fields.values())[at].renamed(key, name)
        if self.flattens and name in ("KEY", "PATH", "INDEX"):
            return Col(key, name, self.deps)
        return Col(key, name, self.deps, access=source.access, fields=fields)

    def _stacked(self, key: str, name: str, at: int) -> Col:
        """`stack(2, 'a', a, 'b', b)`: the arguments fill two rows, one after the other."""
        return stacked(self.w, self.node, at).renamed(key, name)

    def _names(self) -> tuple[str, ...] | None:
        """The columns of well-known functions; None when they are not known."""
        alias = self.alias.args.get("this") if self.alias is not None else None
        if isinstance(self.node, exp.Posexplode):
            return ("pos", "col")
        if isinstance(self.node, exp.Explode | exp.ExplodeOuter):
            return (
                (str(alias.name),)
                if alias is not None and self.w.rules.has.explode_named_by_alias and not _in_a_view(self.node)
                else ("col",)
            )
        if isinstance(self.node, exp.Generator):
            return ()
        known = COLUMNS.get(self.name)
        if self.name == "range" and self.w.rules.has.explode_makes_columns:
            return ("id",)
        if known is None and isinstance(self.node, exp.GenerateSeries | exp.ExplodingGenerateSeries):
            exclusive = bool(self.node.args.get("is_end_exclusive"))
            known = ("range",) if exclusive else ("generate_series",)
        if known is None:
            known = COLUMNS.get(self.node.key)
        if alias is not None and known == (self.name,) and alias_is_column(self.w, self.alias):
            return (str(alias.name),)
        return known


def _in_a_view(node: Any) -> bool:
    """`lateral view explode(x) a`: the alias is the table's."""
    return isinstance(node.parent, exp.Lateral) and bool(node.parent.args.get("view"))


def stacked(w: Walk, node: Any, at: int) -> Col:
    """Column `at` of STACK."""
    cells, width = node.expressions, width_of(node)
    deps = merge([value(w, cell, "", "") for cell in cells[at::width]]) if at < width else {}
    return Col("", "", dict.fromkeys(deps, node))


def width_of(node: Any) -> int:
    """How many columns STACK gives."""
    rows = int(node.args["this"].name) if node.args["this"].name.isdigit() else 1
    return -(-len(node.expressions) // max(rows, 1))


def _declared(node: Any) -> list[tuple[Any, list[str]]]:
    """Columns that the function itself declares, each with its path in the document: JSON_TABLE, OPENJSON, XMLTABLE."""
    if isinstance(node, exp.JSONTable):
        return _json_columns(node.args["schema"], _row_path(node))
    if isinstance(node, exp.OpenJSON):
        above = _row_path(node)
        if not node.expressions:
            return [(exp.to_identifier(name), above) for name in ("key", "value", "type")]
        return [
            (
                one.args["this"],
                [
                    *above,
                    *(written_path(one.args["path"]) if one.args.get("path") else [one.args["this"].name]),
                ],
            )
            for one in node.expressions
        ]
    if isinstance(node, exp.XMLTable):
        return [(one.args["this"], []) for one in node.args.get("columns") or ()]
    return []


def _row_path(node: Any) -> list[str]:
    """The part of the document whose elements are the rows: `'$.items[*]'`."""
    path = node.args.get("path")
    return written_path(path) if path.__class__ is exp.Literal else []


def _json_columns(schema: Any, above: list[str]) -> list[tuple[Any, list[str]]]:
    found: list[tuple[Any, list[str]]] = []
    for one in schema.expressions:
        path = [*above, *(written_path(one.args["path"]) if one.args.get("path") else [])]
        nested = one.args.get("nested_schema")
        if nested is not None:
            found.extend(_json_columns(nested, path))
        elif one.args.get("this") is not None:
            found.append((one.args["this"], path if one.args.get("path") else []))
    return found
