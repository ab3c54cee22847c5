"""CREATE DICTIONARY (ClickHouse): a relation whose columns are those of the table that its SOURCE names."""

from __future__ import annotations

from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError

from penstock.lineage.scope.relations import outside
from penstock.lineage.scope.results import Col, Result
from penstock.lineage.scope.walk import Walk
from penstock.lineage.statements.targets import Outcome, column_list, created, named_by

_OWN = "clickhouse"  # a table of the same warehouse, unless it says another host


def dictionary(w: Walk, node: Any, table: Any, schema: Any) -> list[Outcome]:
    """Each column from the source's column of its name. What is filled from elsewhere has a finding."""
    columns = column_list(schema) if schema is not None else []
    kind, settings = _source(node)
    name = settings.get("table")
    asked = _query(w, settings.get("query")) if kind == _OWN and "host" not in settings else None
    if asked is not None:
        return [created(w, table, named_by(w, w.derive(w, asked, None), columns), temporary=False)]
    if kind != _OWN or "host" in settings or not name:
        told = "a query in quotes" if "query" in settings else f"its source ({kind or 'none'})"
        w.finding("not-followed", f"CREATE DICTIONARY {table.name}: {told} is not followed", None)
        rel = Result(Col(w.key(one), w.name(one), {}) for one in columns)
        return [created(w, table, rel, temporary=False)]
    source = outside(w, tuple(part for part in (settings.get("db"), name) if part))
    rel = Result(rows=source.rows)
    for one in columns:
        key, own = w.key(one), w.name(one)
        found = source.find(key)
        choices = [found] if found is not None else source.guess(key, own)
        rel.add(choices[0].renamed(key, own) if choices else Col(key, own, {}))
    if "where" in settings or "invalidate_query" in settings:
        w.finding(
            "not-followed", f"CREATE DICTIONARY {table.name}: its conditions in quotes are not followed", None
        )
    return [created(w, table, rel, temporary=False)]


def _query(w: Walk, text: str | None) -> Any:
    """The query in quotes as a tree without places: they would be those of another text."""
    try:
        tree = exp.maybe_parse(text, dialect=w.rules.dialect) if text else None
    except SqlglotError:
        return None
    if not isinstance(tree, exp.Query):
        return None
    for one in tree.walk():
        one._meta = None
    return tree


def _source(node: Any) -> tuple[str, dict[str, str]]:
    """The kind of SOURCE(...), and its settings."""
    properties = node.args.get("properties")
    for one in properties.expressions if properties is not None else ():
        if isinstance(one, exp.DictProperty) and str(one.name).upper() == "SOURCE":
            given = one.args.get("settings") or ()
            settings = {
                str(each.name).lower(): each.args["value"].name for each in given if each.args.get("value")
            }
            return str(one.args.get("kind") or "").lower(), settings
    return "", {}
