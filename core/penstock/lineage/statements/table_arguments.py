"""Relations and queries among the arguments of table functions: by name, in a text, by TABLE(...), as a model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from penstock.lineage.dialects.table_functions import CLICKHOUSE_READERS, CLUSTER_READERS, FILE_READERS
from penstock.lineage.expressions.paths import value
from penstock.lineage.records import Parts
from penstock.lineage.scope.dependencies import FILTER
from penstock.lineage.scope.relations import outside, relation
from penstock.lineage.scope.results import Col, OpenStar, Result, Scope, UnknownRelation, merge
from penstock.lineage.scope.walk import Walk

# The function is the relation that its first argument names, in a text or as a name.
_STANDS_FOR = frozenset({"identifier", "table_changes", "query_table", "stream", "snapshot", "directory", "dictionary", "loop", "merge", "result_scan"})  # fmt: skip
# Which arguments name a relation that lives elsewhere.
_ELSEWHERE: dict[str, tuple[int, ...]] = {
    "mysql": (1, 2), "postgresql": (1, 2), "mongodb": (1, 2), "sqlite": (1,), "odbc": (1, 2), "jdbc": (1, 2),
    "sqlite_scan": (1,), "postgres_scan": (1, 2), "postgres_scan_pushdown": (1, 2), "mysql_scan": (1, 2),
}  # fmt: skip
# The first argument is a relation, the others are columns of it.
_SEARCHES = frozenset({"containstable", "freetexttable", "changetable", "tumble", "hop"})
# What its input gives comes out unchanged, beside columns of the function's own.
_HANDS_ON = frozenset(
    {"predict", "appends", "changes", "exclude_columns", "changetable", "generatetext", "generateembedding", "generatetable",
     "mltranslate", "aigenerate", "featuresattime", "tumble", "hop"}
)  # fmt: skip
_TRAINED = tuple(
    getattr(exp, name)
    for name in (
        "Predict", "GenerateEmbedding", "GenerateText", "GenerateTable", "GenerateBool", "GenerateInt", "GenerateDouble",
        "MLForecast", "MLTranslate",
    )
    if hasattr(exp, name)
)  # fmt: skip


def hands_on(called: str) -> bool:
    return called in _HANDS_ON


def named_relation(w: Walk, node: Any, called: str) -> Result | None:
    """The relation that the whole function stands for: `table_changes('s.t', 2)`, `identifier('s.t')`."""
    if node.__class__ is exp.SemanticView:
        return _semantic_view(w, node)
    if isinstance(node, exp.VectorSearch) and (index := _index_of(node)):
        w.finding("not-followed", f"{called} of {index}: which of its columns come out is not followed", node)
        return UnknownRelation(w.refs)
    if node.__class__ is exp.DynamicIdentifier:
        first, called = node.args["this"], "identifier"
    else:
        arguments = node.expressions if node.__class__ is exp.Anonymous else ()
        if called in _ELSEWHERE and len(arguments) > max(_ELSEWHERE[called]):
            named = [arguments[at] for at in _ELSEWHERE[called]]
            if all(one.__class__ is exp.Literal for one in named):
                return outside(w, tuple(one.name for one in named))
        if called not in _STANDS_FOR or not arguments:
            return None
        first = arguments[0]
    if called == "merge" or called == "result_scan":
        w.finding("not-followed", f"{called}: which relations it reads is not written here", node)
        return UnknownRelation(w.refs)
    if first.__class__ is exp.Kwarg:
        first = first.args["expression"]
    if first.__class__ is exp.Literal:
        return outside(w, w.catalog.parts_of(first.name))
    if first.__class__ is exp.Column:
        return relation(w, as_table(w, first))
    w.finding("not-followed", f"{called}: the name of its relation is put together", node)
    return UnknownRelation(w.refs)


def _index_of(node: Any) -> str:
    """Databricks' `vector_search(index => 'c.s.x', query => 'q', ...)`."""
    for one in node.args.values():
        if one.__class__ is exp.Kwarg and one.args["this"].name.lower() == "index":
            return str(one.args["expression"].name)
    return ""


def as_table(w: Walk, column: Any) -> Any:
    """`a.b.c`, read as a column where a relation is meant."""
    parts = [
        column.args[part] for part in ("catalog", "db", "table", "this") if column.args.get(part) is not None
    ]
    named = dict(zip(("this", "db", "catalog"), reversed(parts), strict=False))
    return exp.Table(**named)


def inputs(w: Walk, node: Any, called: str) -> list[tuple[Any, Any, list[Any]]]:
    """The relations and queries among the arguments: the argument, the source in it, and keys that stand beside it."""
    found: list[tuple[Any, Any, list[Any]]] = []
    if called in _SEARCHES and node.expressions and node.expressions[0].__class__ is exp.Column:
        return [(node.expressions[0], as_table(w, node.expressions[0]), list(node.expressions[1:]))]
    stack = [*_children(node)]
    while stack:
        one = stack.pop(0)
        if isinstance(one, exp.Query | exp.Table):
            found.append((one, one, []))
        elif (named := _in_table(one)) is not None:
            first, *keys = named
            if isinstance(first, exp.Column):
                first = as_table(w, first)
            if isinstance(first, exp.Query | exp.Table):
                found.append((one, first, keys))
            else:
                stack[:0] = _children(one)
        else:
            stack[:0] = _children(one)
    return found


def _in_table(node: Any) -> list[Any] | None:
    """What stands in TABLE(...)."""
    if node.__class__ is exp.TableFromRows:
        return [node.args["this"]]
    if node.__class__ is exp.Anonymous and str(node.args["this"]).lower() == "table":
        return list(node.expressions) or None
    return None


def _children(node: Any) -> Iterator[Any]:
    for held in node.args.values():
        for one in held if isinstance(held, list) else (held,):
            if isinstance(one, exp.Expr):
                yield one


def others(node: Any, taken: set[int]) -> Iterator[Any]:
    """The arguments of a function without those in `taken`, each as large as it can be."""
    for one in _children(node):
        if id(one) in taken:
            continue
        if any(id(inner) in taken for inner in one.walk()):
            yield from others(one, taken)
        else:
            yield one


def is_trained(node: Any, source: Any) -> bool:
    """BigQuery's `ml.predict(MODEL d.m, ...)`: the first argument is no relation."""
    return isinstance(node, _TRAINED) and node.args.get("this") is source


def model_name(w: Walk, node: Any) -> Parts:
    w.known([node])
    parts = [
        node.args[part]
        for part in ("catalog", "db", "this")
        if isinstance(node.args.get(part), exp.Identifier)
    ]
    return tuple(w.name(one) for one in parts)


def _semantic_view(w: Walk, node: Any) -> Result:
    """Snowflake's `semantic_view(v METRICS a DIMENSIONS b)`: metrics, dimensions and facts are the view's columns."""
    base = relation(w, node.args["this"])
    inner = Scope(w.scope, w.scope.ctes)
    inner.add(None, base)
    outer, w.scope = w.scope, inner
    written = [one for part in ("metrics", "dimensions", "facts") for one in node.args.get(part) or ()]
    made = Result()
    made.rows.parents.append(base.rows)
    for one in sorted(written, key=lambda one: (w.spans.of_name(one) or (0, 0))[0]):
        _add_semantic(w, made, base, one)
    where = node.args.get("where")
    if where is not None:
        condition = where.args["this"] if where.__class__ is exp.Where else where
        made.rows.decided_by(value(w, _unqualified(w, condition), "", "").deps, FILTER, condition)
    w.scope = outer
    return made


def _add_semantic(w: Walk, made: Result, base: Result, node: Any) -> None:
    inner, ident = (node.args["this"], node.args["alias"]) if node.__class__ is exp.Alias else (node, None)
    if inner.__class__ is exp.Column and inner.args["this"].__class__ is exp.Star:
        for col in base.listing():
            made.add(col)
        if base.is_open:
            made.open_stars.append(OpenStar(base, len(made.cols)))
        return
    ident = ident or (
        inner.args["this"] if inner.__class__ is exp.Column else exp.to_identifier(w.text(inner) or inner.key)
    )
    made.add(value(w, _unqualified(w, inner), w.key(ident), w.name(ident)))


def _unqualified(w: Walk, node: Any) -> Any:
    """`orders.total` inside the view: `orders` is a logical table of it, `total` its column."""
    if node.__class__ is exp.Column:
        return exp.Column(this=node.args["this"])
    w.known(node.find_all(exp.Column))
    copied = node.copy()
    for one in copied.find_all(exp.Column):
        one.set("table", None)
    return copied


def handed_on(tables: list[Result], function: Result) -> Result:
    """The columns of the inputs, and those that the function adds."""
    made = Result(col for rel in tables for col in rel.listing())
    made.open_stars = [OpenStar(function, len(made.cols), frozenset(made.index))]
    made.rows.parents.append(function.rows)
    return made


def without_excluded(w: Walk, node: Any, called: str, rel: Result, tables: list[Result]) -> Result:
    """Trino's `exclude_columns(input => ..., columns => descriptor(a))`."""
    if called != "exclude_columns":
        return rel
    listed = [one for one in node.find_all(exp.Anonymous) if str(one.args["this"]).lower() == "descriptor"]
    gone = {
        w.key(col.args["this"]) for one in listed for col in one.expressions if col.__class__ is exp.Column
    }
    made = Result((col for col in rel.listing() if col.key not in gone), rel.rows)
    made.open_stars = [OpenStar(one, 0, frozenset(gone)) for one in tables if one.is_open]
    return made


def file_named(w: Walk, node: Any) -> Result | None:
    """`read_csv('x.csv')`: the file is the relation."""
    name = str(node.args.get("this") if node.__class__ is exp.Anonymous else node.key).lower()
    if (place := _told_place(w, node)) is not None:
        return outside(w, (place,))
    if name not in FILE_READERS and not (w.rules.has.remote_functions and name in CLICKHOUSE_READERS):
        return None
    given = (
        node.expressions if node.__class__ is exp.Anonymous else [node.args.get("this"), *node.expressions]
    )
    given = [one for one in given if one is not None]
    if name in CLUSTER_READERS:
        w.known(given[:1])
        given = given[1:]
    first = given[0] if given else None
    w.known(one.args["this"] for one in node.expressions if one.__class__ is exp.EQ)  # `header = true`
    if first.__class__ is exp.Array and all(one.__class__ is exp.Literal for one in first.expressions):
        return FilesResult([outside(w, (one.name,)) for one in first.expressions])
    if first.__class__ is not exp.Literal or (
        name == "openrowset" and given[1:2] and given[1].__class__ is exp.Literal
    ):
        return None
    return outside(w, (given[0].name,))


_PLACES = frozenset({"path", "uri", "file_path", "hdfs_uri"})


def _told_place(w: Walk, node: Any) -> str | None:
    """StarRocks' `files('path' = 's3://x', ...)`, Doris' `s3('uri' = 's3://x', ...)`."""
    given = node.expressions if node.__class__ is exp.Anonymous else ()
    for one in given:
        told = one.__class__ is exp.EQ and all(part.__class__ is exp.Literal for part in one.args.values())
        if told and one.this.name.lower() in _PLACES:
            return str(one.expression.name)
    return None


class FilesResult(Result):
    """Several files read as one: each column comes from any of them."""

    __slots__ = ("files",)

    def __init__(self, files: list[Result]) -> None:
        super().__init__()
        self.files = files
        self.rows.parents.extend(one.rows for one in files)

    @property
    def is_open(self) -> bool:
        return True

    def guess(self, key: str, name: str) -> list[Col]:
        cols = [
            col
            for one in self.files
            for col in ([one.find(key)] if one.find(key) else one.guess(key, name))
            if col
        ]
        return [Col(key, name, merge(cols), base=True, access=True)] if cols else []

    def relations(self) -> set[int]:
        return {relation for one in self.files for relation in one.relations()}
