"""ClickHouse's tables that keep no rows of their own: what their engine reads. And its views that are given values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sqlglot import exp

from penstock.lineage.expressions.visit import visit
from penstock.lineage.scope.dependencies import JOIN, Deps
from penstock.lineage.scope.relations import outside, relation, written_parts
from penstock.lineage.scope.results import Col, OpenStar, Result, Scope, merge
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.targets import Outcome, target_of, written

# Which arguments name the relation, or the place, that an engine reads.
_READ: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "distributed": (1, 2), "mysql": (1, 2), "postgresql": (1, 2), "materializedpostgresql": (1, 2), "mongodb": (1, 2),
        "odbc": (1, 2), "jdbc": (1, 2), "hive": (1, 2), "sqlite": (1,), "alias": (0, 1), "dictionary": (0,),
        "s3": (0,), "s3queue": (0,), "gcs": (0,), "url": (0,), "hdfs": (0,), "deltalake": (0,), "iceberg": (0,), "hudi": (0,),
        "kafka": (1,),
    }
)  # fmt: skip
_TOPIC = "kafka_topic_list"
# Their arguments are columns of the table itself, or settings.
_OF_THEIR_OWN = frozenset({"join", "generaterandom", "embeddedrocksdb", "file", "null", "memory", "set", "log", "tinylog", "stripelog"})  # fmt: skip


def through_engine(w: Walk, table: Any, columns: list[Any] | None, properties: list[Any]) -> list[Outcome]:
    """What a table gives whose rows are elsewhere; a finding where the relations that it names cannot be told."""
    engine = next((one.args["this"] for one in properties if isinstance(one, exp.EngineProperty)), None)
    called = engine.name.lower() if isinstance(engine, exp.Expr) else ""
    if called == "buffer":
        return _buffered(w, table, columns, engine)
    source = _source(w, called, engine, properties)
    if source is not None:
        return [written(w, target_of(w, table), _same_columns(w, source, columns))]
    if (
        getattr(engine, "expressions", None)
        and not called.endswith("mergetree")
        and called not in _OF_THEIR_OWN
    ):
        told = ".".join(written_parts(w, table))
        w.finding("not-followed", f"{told}: the relations that its engine names are not followed", None)
    return []


def _buffered(w: Walk, table: Any, columns: list[Any] | None, engine: Any) -> list[Outcome]:
    """Buffer: what is inserted into the table goes on to the other, and is read with its rows."""
    names = _names(w, engine.expressions[:2])
    if names is None:
        return []
    ours, theirs = target_of(w, table), outside(w, names)
    passed = written(
        w,
        target_of(w, exp.Table(this=exp.to_identifier(names[-1], quoted=True), db=_identifier(names))),
        _same_columns(w, ours.rel, columns),
    )
    return [written(w, ours, _same_columns(w, theirs, columns)), passed]


def _identifier(names: tuple[str, ...]) -> Any:
    return exp.to_identifier(names[0], quoted=True) if len(names) > 1 else None


def _source(w: Walk, called: str, engine: Any, properties: list[Any]) -> Result | None:
    if called == "kafka" and not engine.expressions:
        topic = next(
            (one for prop in properties for one in prop.find_all(exp.EQ) if one.this.name.lower() == _TOPIC),
            None,
        )
        return outside(w, (topic.expression.name,)) if topic is not None else None
    places = _READ.get(called)
    if places is None or len(engine.expressions) <= max(places):
        return None
    names = _names(w, [engine.expressions[at] for at in places])
    return outside(w, names) if names is not None else None


def _names(w: Walk, arguments: list[Any]) -> tuple[str, ...] | None:
    """The parts of a name that arguments say, as texts or as they are; `currentDatabase()` says none."""
    parts: list[str] = []
    for one in arguments:
        if one.__class__ is exp.Literal:
            parts.append(one.name)
        elif one.__class__ is exp.Column:
            w.known([one])
            parts.extend(w.name(one.args[part]) for part in ("table", "this") if one.args.get(part))
        elif one.__class__ is not exp.CurrentDatabase:
            return None
    return tuple(part for part in parts if part) or None


def _same_columns(w: Walk, rel: Result, columns: list[Any] | None) -> Result:
    made = Result()
    for one in columns or ():
        key, name = w.key(one), w.name(one)
        found = rel.find(key)
        made.add(Col(key, name, merge([found] if found is not None else rel.guess(key, name))))
    if not columns:
        made = Result(rel.listing())
        made.open_stars = [OpenStar(rel, 0)] if rel.is_open else []
    return made


def filled_view(w: Walk, scope: Scope, node: Any) -> Result | None:
    """`from v(p = 3)`: a view whose query has places for values."""
    call = node.args["this"]
    if (
        call.__class__ is not exp.Anonymous
        or not call.expressions
        or not all(_is_filling(one) for one in call.expressions)
    ):
        return None
    outer, w.scope, acc, site = w.scope, scope, w.acc, w.site
    deps: Deps = {}
    w.acc, w.site = deps, call
    for one in call.expressions:
        w.known([one.args["this"]])
        visit(w, one.args["expression"], JOIN)
    w.scope, w.acc, w.site = outer, acc, site
    rel = relation(w, exp.Table(this=exp.to_identifier(call.name), db=node.args.get("db")))
    made = Result(rel.listing(), rel.rows) if deps else rel
    if deps:
        made.open_stars = [OpenStar(rel, 0)] if rel.is_open else []
        made.rows.decided_by(deps, JOIN, call)
    return made


def _is_filling(node: Any) -> bool:
    return (
        node.__class__ is exp.EQ
        and node.args["this"].__class__ is exp.Column
        and not node.args["this"].args.get("table")
    )
