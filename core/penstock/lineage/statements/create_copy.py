"""Statements that make or move relations: CREATE, SELECT INTO, COPY, EXPORT, renames. The rest is in dml."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.read import tree
from penstock.lineage.records import NO_DATA, no_data
from penstock.lineage.scope.relations import TEMPORARY, WRITTEN, outside, written_parts
from penstock.lineage.scope.results import Col, EmptyRelation, OpenStar, Result, Scope
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.computed import computed, location, reads_others
from penstock.lineage.statements.contents import put_in_place
from penstock.lineage.statements.dictionary import dictionary
from penstock.lineage.statements.engines import through_engine
from penstock.lineage.statements.made_functions import made_function
from penstock.lineage.statements.query import derive_query, read_with
from penstock.lineage.statements.rename_swap_load import listed
from penstock.lineage.statements.sources import add_source, as_result
from penstock.lineage.statements.star import expand
from penstock.lineage.statements.targets import (
    Outcome,
    Statement,
    column_list,
    created,
    mark,
    named_by,
    permanent,
    relation_key,
    target_of,
    written,
)
from penstock.lineage.statements.variables import kept_in_variables

# A statement with words before it that say how it is run.
_WRAPPED = tuple(getattr(exp, name) for name in ("LockingStatement",) if hasattr(exp, name))


def derive_statement(w: Walk, node: Any) -> list[Outcome]:
    """What one statement writes or shows; nothing when it is of a kind that says nothing of columns."""
    handler = w.statements.get(node.__class__)
    w.beside.clear()
    if handler is not None:
        outcomes = handler(w, node)
    elif isinstance(node, exp.Query | exp.Pivot | exp.Values | exp.Subquery):
        outcomes = _query(w, node)
    elif isinstance(node, _WRAPPED):
        _locks(w, node)
        return derive_statement(w, node.args["expression"])
    else:
        return []
    return [*w.beside, *outcomes]


def _locks(w: Walk, node: Any) -> None:
    """Teradata's `locking table t for access select ... from t`: a name that the statement reads, too, says no more."""
    read = {_written(one) for one in node.args["expression"].find_all(exp.Table)}
    w.known(one for one in node.args["this"].find_all(exp.Table) if _written(one) in read)


def _written(table: Any) -> tuple[str, ...]:
    return tuple(part.name.lower() for part in table.parts)


def _query(w: Walk, node: Any) -> list[Outcome]:
    into = node.args.get("into")
    rel = derive_query(w, node, None)
    if kept_in_variables(w, node, rel):
        return []
    if into is None or not isinstance(into.args.get("this"), exp.Table):
        return [Outcome((), rel)]
    return [created(w, into.args["this"], rel, temporary=_into_temporary(into))]


def _into_temporary(into: Any) -> bool:
    ident = into.args["this"].args["this"]
    return bool(into.args.get("temporary") or _named_temporary(ident) or ident.args.get("global_"))


def _create(w: Walk, node: Any) -> list[Outcome]:
    args = node.args
    kind = str(args.get("kind") or "").upper()
    expression = args.get("expression")
    table, columns = args["this"], None
    if table.__class__ is exp.Schema:
        columns = column_list(table)
        like = [one for one in table.expressions if isinstance(one, exp.LikeProperty)]
        table = table.args["this"]
        if like and isinstance(table, exp.Table):
            return _like(w, table, like[0].args["this"], node)
    if kind == "DICTIONARY" and isinstance(table, exp.Table):
        return dictionary(w, node, table, args["this"] if args["this"] is not table else None)
    if kind not in ("TABLE", "VIEW") or not isinstance(table, exp.Table):
        if kind in ("FUNCTION", "PROCEDURE", "TRIGGER", "MACRO"):
            made_function(w, node, kind)
        elif kind == "SINK" and isinstance(expression, exp.Query) and isinstance(table, exp.Table):
            return [_to_place(w, ".".join(written_parts(w, table)), derive_query(w, expression, None))]
        elif expression is not None:
            if isinstance(expression, exp.Query):
                derive_query(w, expression, None)  # that it reads these relations is known
            w.finding("not-followed", f"CREATE {kind}: what it is made from is not followed", None)
        return []
    if args.get("clone") is not None:
        expression = args["clone"].args["this"]
    for one in _properties(node):
        if isinstance(one, exp.LikeProperty):
            if not isinstance(expression, exp.Query):
                return _like(w, table, one.args["this"], node)
            outside(w, written_parts(w, one.args["this"]), one.args["this"])
    reads_others(w, table, _properties(node))
    through = through_engine(w, table, columns, _properties(node)) if w.rules.has.remote_functions else []
    if expression.__class__ is exp.Table and w.rules.has.remote_functions:
        outside(w, written_parts(w, expression), expression)
        return through or _like(w, table, expression, node)
    if not isinstance(expression, exp.Query | exp.Table | exp.Values | exp.Pivot | exp.Summarize):
        _declare(w, table, columns, _is_temporary(node), if_not_exists=bool(args.get("exists")))
        definitions = args["this"].expressions if columns else ()
        return [*through, *computed(w, table, definitions, location(_properties(node)))]
    scope = Scope(None, {})
    if args.get(tree.WITH) is not None:
        scope.ctes = read_with(w, args[tree.WITH], scope)
    rel = derive_query(w, expression, scope)
    if kind == "TABLE" and any(
        isinstance(one, exp.WithDataProperty) and one.args.get("no") for one in _properties(node)
    ):
        return _emptied(w, table, columns, rel, node)
    to = [one.args["this"] for one in _properties(node) if isinstance(one, exp.ToTableProperty)]
    if columns and kind == "TABLE" and w.rules.has.create_merges_columns:
        rel, columns = _merged(w, columns, rel), None
    outcome = created(w, table, rel, temporary=_is_temporary(node), columns=columns)
    return [outcome, *(written(w, target_of(w, one), rel) for one in to)]


def _merged(w: Walk, columns: list[Any], rel: Result) -> Result:
    """The declared columns that the query does not give, then the query's."""
    made = Result(
        (Col(w.key(one), w.name(one), {}) for one in columns if rel.find(w.key(one)) is None), rel.rows
    )
    for col in rel.listing():
        made.add(col)
    if rel.is_open:
        made.open_stars = rel.open_stars or [OpenStar(rel, len(made.cols))]
    return made


def _properties(node: Any) -> list[Any]:
    properties = node.args.get("properties")
    return list(properties.expressions) if properties is not None else []


def _is_temporary(node: Any) -> bool:
    kinds = (exp.TemporaryProperty, exp.VolatileProperty, exp.GlobalProperty)
    if any(isinstance(one, kinds) or _is_volatile(one) for one in _properties(node)):
        return True
    table = node.find(exp.Table)
    return table is not None and _named_temporary(table.args["this"])


def _is_volatile(property_: Any) -> bool:
    """Teradata's `create multiset volatile table`, where the word is read as that of a function."""
    return property_.__class__ is exp.StabilityProperty and property_.name.upper() == "VOLATILE"


def _named_temporary(ident: Any) -> bool:
    """`#t` of T-SQL and Redshift."""
    return bool(ident.args.get("temporary") or (not ident.args.get("quoted") and ident.name.startswith("#")))


def _declare(w: Walk, table: Any, columns: list[Any] | None, temporary: bool, *, if_not_exists: bool) -> None:
    """CREATE TABLE without a query: its columns are known from here on."""
    if columns:
        rel = Result(Col(w.key(one), w.name(one), {}) for one in columns)
        _known_from_here(w, table, rel, temporary, if_not_exists=if_not_exists)
    else:
        mark(w, w.catalog.full(written_parts(w, table)), WRITTEN | (TEMPORARY if temporary else 0))


def _like(w: Walk, table: Any, other: Any, node: Any) -> list[Outcome]:
    """CREATE TABLE LIKE: the same columns, no rows."""
    known = outside(w, written_parts(w, other), other)
    kind = EmptyRelation if known.is_open else Result
    rel = kind(Col(col.key, col.name, {}) for col in known.listing())
    _known_from_here(w, table, rel, _is_temporary(node), if_not_exists=bool(node.args.get("exists")))
    return []


def _emptied(w: Walk, table: Any, columns: list[Any] | None, rel: Result, node: Any) -> list[Outcome]:
    """CREATE TABLE ... AS ... WITH NO DATA: the columns of a query, no rows."""
    named = named_by(w, rel, columns) if columns else rel
    kind = EmptyRelation if named.is_open else Result
    empty = kind(Col(col.key, col.name, {}) for col in named.listing())
    _known_from_here(w, table, empty, _is_temporary(node), if_not_exists=bool(node.args.get("exists")))
    told = ".".join(written_parts(w, table))
    w.finding(NO_DATA, no_data(f"CREATE TABLE {told} ... WITH NO DATA"), node)
    return []


def _known_from_here(w: Walk, table: Any, rel: Result, temporary: bool, *, if_not_exists: bool) -> None:
    parts = w.catalog.full(written_parts(w, table))
    mark(w, parts, WRITTEN | (TEMPORARY if temporary else 0))
    key = relation_key(w, parts)
    if if_not_exists and key in w.made:
        return  # it is as it was
    held = put_in_place(w, key, rel)
    w.built.pop(key, None)
    if held is not rel:
        w.built[key] = held
    w.made[key] = held if temporary else permanent(w, parts, held)


def _copy(w: Walk, node: Any) -> list[Outcome]:
    """COPY: a query or a table to files, or files (or a query over them) into a table."""
    args = node.args
    this, files = args["this"], args.get("files") or []
    if _is_of_database(this, files):
        w.known(this.find_all(exp.Table))
        told = f"COPY FROM DATABASE {this.find(exp.TableAlias).name} TO {files[0].name}"
        w.finding("not-followed", f"{told}: which relations it moves is not followed", files[0])
        return []
    into = bool(args.get("kind"))
    w.known(column for one in args.get("params") or () for column in one.find_all(exp.Column))  # PARTITION_BY
    place = files[0] if files else None
    if isinstance(this, exp.Subquery):
        return [_to_place(w, _place_name(place), derive_query(w, this, None))]
    if into and isinstance(place, exp.Subquery) and not isinstance(place.args["this"], exp.Table):
        rel = derive_query(w, place, None)
        name = _stage(this)
        if name is not None:
            return [_to_place(w, name, rel)]
        target = target_of(w, this)
        names = target.columns
        if names is None and not w.rules.has.copies_by_name:
            names = target.known
        return [written(w, target, named_by(w, rel, names) if names else rel)]
    if not into:
        return [_to_place(w, _place_name(place), _everything(w, this))]
    name = _stage(this)
    if name is not None:
        return [_to_place(w, name, _everything(w, place))]
    target = target_of(w, this)
    rel = outside(w, (_place_name(_program(args) or place),))
    return [written(w, target, listed(w, rel, target))]


def _program(args: dict[str, Any]) -> Any:
    """PostgreSQL's `FROM PROGRAM 'x'`, which is read as a file `program` with an option."""
    files, params = args.get("files") or [], args.get("params") or []
    is_program = bool(files and params) and isinstance(files[0], exp.Identifier)
    return params[0].args["this"] if is_program and files[0].name.lower() == "program" else None


def _is_of_database(this: Any, files: list[Any]) -> bool:
    """DuckDB's COPY FROM DATABASE a TO b, which is read as a relation `database` under the alias `a`."""
    if not (isinstance(this, exp.Select) and files and isinstance(files[0], exp.Identifier)):
        return False
    table = this.find(exp.Table)
    return table is not None and table.name.lower() == "database" and table.args.get("alias") is not None


def _stage(node: Any) -> str | None:
    """A stage or a location as the target of COPY INTO."""
    inner = node.args.get("this")
    if isinstance(inner, exp.Var | exp.Literal):
        return str(inner.name)
    return None


def _place_name(node: Any) -> str:
    if node is None:
        return "stdin"
    return str(node.name or node.sql())


def _to_place(w: Walk, name: str, rel: Result) -> Outcome:
    mark(w, (name,), WRITTEN)
    return Outcome((name,), rel)


def _everything(w: Walk, node: Any) -> Result:
    """All columns of a table, or those that are listed."""
    columns = column_list(node) if node.__class__ is exp.Schema else None
    table = node.args["this"] if columns is not None else node
    scope = Scope(None, {})
    outer, w.scope = w.scope, scope
    add_source(w, scope, table)
    rel = as_result(expand(w, exp.Star()))
    w.scope = outer
    if not columns:
        return rel
    return Result(_one_of(w, rel, one) for one in columns)


def _one_of(w: Walk, rel: Result, ident: Any) -> Col:
    key, name = w.key(ident), w.name(ident)
    choices = (
        [rel.find(key) or Col(key, name, {})] if not rel.is_open or rel.find(key) else rel.guess(key, name)
    )
    return choices[0].renamed(key, name) if choices else Col(key, name, {})


def _export(w: Walk, node: Any) -> list[Outcome]:
    """BigQuery's EXPORT DATA: the files are what its `uri` says."""
    options = node.args.get("options")
    uris = [
        one.args["value"].name
        for one in (options.expressions if options is not None else ())
        if one.name.lower() == "uri"
    ]
    rel = derive_query(w, node.args["this"], None)
    return [_to_place(w, uris[0], rel)] if uris else [Outcome((), rel)]


def _cache(w: Walk, node: Any) -> list[Outcome]:
    expression = node.args.get("expression")
    if expression is None:
        w.known(node.find_all(exp.Table))
        w.finding(NO_DATA, no_data(f"CACHE TABLE {node.args['this'].name}"), node)
        return []
    return [created(w, node.args["this"], derive_query(w, expression, None), temporary=True)]


STATEMENTS: Mapping[type, Statement] = MappingProxyType(
    {
        exp.Create: _create,
        exp.Copy: _copy,
        exp.Export: _export,
        exp.Cache: _cache,
    }
)
