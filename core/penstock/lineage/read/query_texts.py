"""Queries in texts that functions run: `openquery(s, 'select ...')`, `dblink`, `crosstab`, `query('select ...')`. Put in place of the call."""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import Token

from penstock.lineage.dialects.table_functions import READ_QUERY_TEXTS
from penstock.lineage.read import tree as trees_of
from penstock.lineage.read.function_bodies import Reads, inside, is_query_text
from penstock.lineage.read.moved_parts import MOVED

_HERE = frozenset({"query", "crosstab"})
_IN_CONNECTION = re.compile(r"(?i)(?:\bdbname|\bserver|\bdata source)\s*=\s*([^\s;]+)")
_FEWEST = 3  # columns of what CROSSTAB is given: row, category, value


def may_call_query(lower: str) -> bool:
    """`lower` is the text in small letters."""
    return "query" in lower or "openrowset" in lower or "crosstab" in lower or "dblink" in lower


def with_called_queries(trees: list[Any], tokens: list[Token], sql: str, reader: Reads) -> list[Token]:
    """Puts the queries in place of the calls, and gives the tokens with theirs. What cannot be read stays a text."""
    for table in [one for tree in trees if tree is not None for one in tree.find_all(exp.Table)]:
        _as_call(table)
        call, before = _call_of(table)
        if call is None:
            continue
        texts = [one for one in map(_value, call.expressions) if _is_query(one)]
        place = _place(call, before)
        queries = []
        for text in texts:
            query, tokens = inside(text, tokens, sql, reader)
            queries.append(query)
        if not queries or None in queries:
            continue
        if place:
            _elsewhere(queries[0], place)
        _put(table, call, queries)
    return tokens


def _as_call(table: Any) -> None:
    """`insert into openquery(s, 'select ...')` is read as a table with a list of columns."""
    listed = table.parent
    named = isinstance(table.args.get("this"), exp.Identifier) and table.name.lower() == "openquery"
    if named and isinstance(listed, exp.Schema) and isinstance(listed.parent, exp.Insert):
        table.set("this", exp.Anonymous(this=table.name, expressions=listed.expressions))
        listed.replace(table)


def _call_of(table: Any) -> tuple[Any, str]:
    """The call that stands for a relation, and what is written before it: of `table(c.system.query(...))` it is `c`."""
    call = table.args.get("this")
    if call.__class__ is exp.Anonymous and call.name.lower() == "table" and len(call.expressions) == 1:
        call = call.expressions[0]
    before = ""
    if call.__class__ is exp.Dot:
        first = call
        while first.__class__ is exp.Dot:
            first = first.args["this"]
        before, call = first.name, call.args["expression"]
    named = call.__class__ is exp.Anonymous and call.name.lower() in READ_QUERY_TEXTS
    return (call, before) if named else (None, "")


def _value(node: Any) -> Any:
    return node.args["expression"] if node.__class__ is exp.Kwarg else node


def _is_query(node: Any) -> bool:
    return node.__class__ is exp.Literal and bool(node.args["is_string"]) and is_query_text(node.name)


def _place(call: Any, before: str) -> str:
    """Where the query runs, as the first part of its relations' names; "" where it runs here."""
    called = call.name.lower()
    if called in _HERE:
        return before
    for one in call.expressions:
        if one.__class__ is exp.Literal and (found := _IN_CONNECTION.search(one.name)) is not None:
            return found[1].strip("'\"")  # of a connection only that: it may hold a password
    first = call.expressions[0]
    return called if _is_query(first) or "=" in first.name else str(first.name)


def _elsewhere(query: Any, place: str) -> None:
    made = {one.alias_or_name.lower() for one in query.find_all(exp.CTE)}
    for table in list(query.find_all(exp.Table)):
        this, database = table.args.get("this"), table.args.get("db")
        if not isinstance(this, exp.Identifier) or (database is None and this.name.lower() in made):
            continue
        first = exp.to_identifier(place, quoted=True)
        if database is None:
            table.set("db", first)
        elif table.args.get("catalog") is None:
            table.set("catalog", first)
        else:
            table.set("this", exp.Dot(this=database, expression=this))
            table.set("db", table.args["catalog"])
            table.set("catalog", first)


def _put(table: Any, call: Any, queries: list[Any]) -> None:
    query, changes = queries[0], table.parent
    if isinstance(changes, exp.Insert | exp.Delete | exp.Update) and changes.this is table:
        name = exp.to_identifier(MOVED, quoted=True)
        cte = exp.CTE(this=query, alias=exp.TableAlias(this=name))
        before = changes.args.get(trees_of.WITH)
        changes.set(trees_of.WITH, exp.With(expressions=[*(before.expressions if before else ()), cte]))
        table.set("this", name.copy())
        return
    alias = table.args.get("alias")
    if call.name.lower() == "crosstab":
        query = _crossed(query, queries[1:], alias)
    if query is not None:
        table.replace(exp.Subquery(this=query, alias=alias))


def _crossed(query: Any, categories: list[Any], alias: Any) -> Any:
    """CROSSTAB: the row's name, what else it has, and a column for each category; None where the columns are not written."""
    names = alias.args.get("columns") if alias is not None else None
    given = query.selects
    if not names or len(given) < _FEWEST or any(one.is_star for one in given):
        return None
    columns = [exp.to_identifier(f"{MOVED} {at}", quoted=True) for at in range(len(given))]
    rows = exp.TableAlias(this=exp.to_identifier(MOVED, quoted=True), columns=columns)
    kept = max(len(given) - 2, 1)
    category, number = exp.Column(this=columns[-2].copy()), exp.Column(this=columns[-1].copy())
    asked = exp.EQ(this=category, expression=exp.Subquery(this=categories[0])) if categories else category
    shown: list[Any] = [exp.Column(this=one.copy()) for one in columns[:kept]]
    shown += [exp.If(this=asked.copy(), true=number.copy()) for _ in names[kept:]]
    made = exp.Select(expressions=shown)
    made.set(trees_of.FROM, exp.From(this=exp.Subquery(this=query, alias=rows)))
    return made
