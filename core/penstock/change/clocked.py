"""Which columns a clock's value comes to, where it comes to nothing else: `current_timestamp as loaded_at`. Pure.

Two texts are compared that differ in the time alone: what differs between their results is all that the clock decides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.change.shape import Outside, edit_between
from penstock.change.shape.tokens import Tokens, tokens_of
from penstock.change.volatile import volatility
from penstock.integration import ColumnSet

if TYPE_CHECKING:
    from sqlglot import exp

_BARE = frozenset({"current_timestamp", "current_date", "localtimestamp", "sysdate", "systimestamp", "sysdatetime",
                   "curdate", "current_datetime"})  # fmt: skip
_CALLED = frozenset({"now", "today", "getdate", "get_current_timestamp", "statement_timestamp", "clock_timestamp",
                     "transaction_timestamp"})  # fmt: skip


def clocked(sql: str, dialect: str, outside: Outside) -> ColumnSet | None:
    """In lower case. None where it decides rows too, where anything else varies, or where that is not certain."""
    tokens = tokens_of(sql, dialect)
    places = [] if tokens is None else _clocks(tokens)
    if not places:
        return None
    one, other = (_with(sql, places, f"'penstock {at}'") for at in (1, 2))
    if volatility(one, dialect) is not None:
        return None
    edit = edit_between(one, other, dialect, outside)
    names = frozenset(name.lower() for name in edit.changed)
    if edit.whole or edit.listing or not names or not names <= _telling_the_time(one, dialect):
        return None
    return tuple(sorted(names))


def _telling_the_time(sql: str, dialect: str) -> frozenset[str]:
    """The names of columns that hold the time and nothing that is made of it and of rows: `ts < now()` is another value tomorrow, and
    no less wrong for that nobody here reads it."""
    from sqlglot import exp, parse_one

    tree = parse_one(sql, read=dialect or None)
    names: set[str] = set()
    for node in tree.find_all(exp.Literal):
        if node.is_string and node.name.startswith("penstock "):
            column = _projection(node)
            if column is None or column.find(exp.Column, exp.Query) is not None:
                return frozenset()
            names.add(column.alias_or_name.lower())
    grew = True
    while grew:
        passed = set()
        for one in tree.find_all(exp.Column):
            if one.name.lower() in names:
                if (column := _projection(one)) is None or column.unalias() is not one:
                    return frozenset()
                passed.add(column.alias_or_name.lower())
        grew = not passed <= names
        names |= passed
    return frozenset(names)


def _projection(node: exp.Expr) -> exp.Expr | None:
    """What stands in a select list and holds the node."""
    from sqlglot import exp

    below, above = node, node.parent
    while above is not None and not isinstance(above, exp.Query):
        below, above = above, above.parent
    return below if isinstance(above, exp.Select) and below.arg_key == "expressions" else None


def _clocks(tokens: Tokens) -> list[tuple[int, int]]:
    """Where they stand in the text, brackets included."""
    found = []
    for at, token in enumerate(tokens):
        word = str(token.text).lower()
        if token.token_type.name in ("IDENTIFIER", "STRING") or (at and str(tokens[at - 1].text) == "."):
            continue
        end = _brackets(tokens, at + 1)
        if word in _BARE:
            found.append((token.start, tokens[end or at].end + 1))
        elif word in _CALLED and end is not None:
            found.append((token.start, tokens[end].end + 1))
    return found


def _brackets(tokens: Tokens, at: int) -> int | None:
    """The place of the bracket that closes `()` or `(6)`."""
    texts = [str(token.text) for token in tokens[at : at + 3]]
    if texts[:2] == ["(", ")"]:
        return at + 1
    return at + 2 if len(texts) == 3 and texts[0] == "(" and texts[1].isdigit() and texts[2] == ")" else None


def _with(sql: str, places: list[tuple[int, int]], text: str) -> str:
    for start, end in reversed(places):
        sql = sql[:start] + text + sql[end:]
    return sql
