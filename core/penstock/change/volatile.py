"""Why one SQL text may give other data of the same inputs: clocks, chance, sequences, files, functions that nobody here knows.

Found by name among the text's tokens, so that no parser's tree can hide it. A name that means something else costs a build, no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from penstock.change.functions import known, no_functions

_DAILY = frozenset({"current_date"})
# Elsewhere a function of that name is somebody's own.
_DAYS = {
    "duckdb": frozenset({"today"}),
    "databricks": frozenset({"curdate"}),
    "spark": frozenset({"curdate"}),
}
# With or without parentheses.
_BARE_WORDS = """
    current_timestamp current_time current_datetime system_user localtime localtimestamp sysdate systimestamp
    sysdatetime current_user session_user current_role current_warehouse current_schema current_schemas
    current_database current_catalog current_session current_query user rowid ctid information_schema
    pg_catalog sqlite_master tablesample nextval currval _metadata
"""
_BARE = frozenset(_BARE_WORDS.split())
# Where and by whom a row was written, and names of the catalog by number: no column has such a name there, quoted or not. Elsewhere xmin is
# the edge of a map.
_OF_POSTGRES = """
    ctid xmin xmax cmin cmax tableoid regclass regcollation regconfig regdictionary regnamespace regoper
    regoperator regproc regprocedure regrole regtype
"""
_THERE = {"postgres": frozenset(_OF_POSTGRES.split())}
_CLOCKS = "(now|today|tomorrow|yesterday)"
_LITERALS = re.compile(rf"\s*{_CLOCKS}(\s+[\w:./+-]+)?\s*", re.IGNORECASE)
# There the words stand in ranges, arrays and rows too: `'[now,]'::tstzrange`.
_HOLDING = frozenset({"postgres", "redshift", "materialize", "risingwave"})
_HELD = re.compile(rf"(?<![a-z]){_CLOCKS}(?![a-z])", re.IGNORECASE)
# What quotes or a schema stand before is no name of a built-in one, but for BigQuery's own prefix.
_PREFIXES = {"bigquery": frozenset({"safe"})}
_WORD = re.compile(r"[^\W\d][\w$#@]*")
_PLACES = frozenset({"from", "join", ","})
# What a query begins with.
_QUERIES = frozenset(
    [
        "(",
        "select",
        "with",
        "values",
        "table",
        "from",
        "pivot",
        "unpivot",
        "describe",
        "show",
        "summarize",
        "insert",
        "update",
        "delete",
        "merge",
    ]
)
_SAMPLED = frozenset({"row", "bernoulli", "block", "system"})


class Volatility(msgspec.Struct, frozen=True):
    """`why` in words; `daily` when it is the date and nothing finer."""

    why: str
    daily: bool = False


def volatility(sql: str, dialect: str) -> Volatility | None:
    """None when the text gives the same data of the same inputs."""
    from sqlglot import tokenize
    from sqlglot.errors import SqlglotError

    try:
        tokens = tokenize(sql, read=dialect or None)
    except (SqlglotError, ValueError):
        return Volatility("its SQL could not be read")
    found = list(_signs(tokens, dialect))
    always = next((one for one in found if not one.daily), None)
    return always or next(iter(found), None)


def _signs(tokens: Sequence[Any], dialect: str) -> Iterator[Volatility]:
    there: frozenset[str] = _THERE.get(dialect, frozenset())
    days = _DAILY | _DAYS.get(dialect, frozenset())
    words = [_word(token) for token in tokens]
    for at, token in enumerate(tokens):
        kind, word = token.token_type.name, words[at]
        after = words[at + 1] if at + 1 < len(words) else ""
        if "STRING" in kind:
            if clock := _clock(token, dialect):
                yield Volatility(f"{clock} in its SQL")
            if at and words[at - 1] in _PLACES - {","}:
                yield Volatility("its SQL reads a file")
        elif word in days and kind != "IDENTIFIER" and not _is_owned(words, at, dialect):
            yield Volatility(f"{word} in its SQL", daily=True)
        elif word in there or (word in _BARE and kind != "IDENTIFIER"):
            yield Volatility(f"{word} in its SQL")
        elif word == "sample" and ((at and words[at - 1] == "using") or after in _SAMPLED):
            yield Volatility("a sample in its SQL")
        elif kind == "PARAMETER" and not after.isdigit():
            yield Volatility("its SQL reads a file or a variable of the session")
        elif after == "(" and _is_unknown(words, at, kind, dialect):
            yield Volatility(f"its SQL calls {word}(), which may give other data each time")
    if cut := _cut(words, [token.token_type.name for token in tokens]):
        yield Volatility(f"{cut} without ORDER BY in its SQL")


def _cut(words: Sequence[str], kinds: Sequence[str]) -> str:
    """The word by which a query takes some rows of those that it finds, where it orders them by nothing; what another one within it, or a
    window, orders does not count."""
    queries: list[tuple[str, bool]] = [("", False)]
    for (word, after), kind in zip(pairwise([*words, ")"]), kinds, strict=True):
        cut, ordered = queries[-1]
        if kind == "L_PAREN":
            queries.append(("", False))
        elif kind == "R_PAREN" and len(queries) > 1:
            queries.pop()
            if cut and not ordered:
                return cut
        elif kind.startswith("ORDER_"):
            queries[-1] = (cut, True)
        elif word == "limit" or _takes(word, after):
            queries[-1] = (cut or word.upper(), ordered)
    return next((cut for cut, ordered in queries if cut and not ordered), "")


def _takes(word: str, after: str) -> bool:
    number = word in ("top", "offset", "fetch") and after.isdigit()
    return number or (word == "top" and after == "(") or (word == "fetch" and after in ("first", "next"))


def _word(token: Any) -> str:
    return str(token.text).lower() if "STRING" not in token.token_type.name else "'"


def _clock(token: Any, dialect: str) -> str:
    """What in a literal is read as a time of today; empty when nothing is."""
    if dialect not in _HOLDING:
        return f"'{token.text}'" if _LITERALS.fullmatch(token.text) else ""
    if token.token_type.name == "UNICODE_STRING":
        return "a text with escapes"
    held = _HELD.search(token.text)
    return f"'{held[1]}'" if held else ""


def _is_unknown(words: Sequence[str], at: int, kind: str, dialect: str) -> bool:
    """Whether what stands before a parenthesis is a function that is not known to be the same for the same."""
    word, quoted = words[at], kind == "IDENTIFIER"
    if not quoted and not _WORD.fullmatch(word):
        return False
    if not quoted and not _is_owned(words, at, dialect) and word in known(dialect) | no_functions(dialect):
        return False
    before = words[at - 1] if at else ""
    named = before in ("as", "with", "recursive") or (before == ")" and not _begins_columns(words, at))
    return not (named or _names_a_cte(words, at))


def _is_owned(words: Sequence[str], at: int, dialect: str) -> bool:
    """Whether a schema stands before it: `raw.lower(a)`, and not `(a).lower()`."""
    if at < 2 or words[at - 1] != ".":
        return False
    place = words[at - 2]
    return place[-1:] not in (")", "]", "'") and place not in _PREFIXES.get(dialect, frozenset())


def _begins_columns(words: Sequence[str], at: int) -> bool:
    """`distinct on (a) f(b)` and `top (5) f(b)`: what follows other parentheses is the name of a table."""
    depth = 0
    for place in range(at - 1, -1, -1):
        depth += (words[place] == ")") - (words[place] == "(")
        if depth == 0:
            return list(words[max(place - 2, 0) : place]) == ["distinct", "on"] or words[place - 1] == "top"
    return False


def _names_a_cte(words: Sequence[str], at: int) -> bool:
    """`, t (a, b) as (select` in a WITH, and not `from f(1) as (a int)`."""
    depth = 0
    for place in range(at + 1, len(words)):
        depth += (words[place] == "(") - (words[place] == ")")
        if depth == 0:
            follows = [*words[place + 1 : place + 4], "", "", ""]
            held = follows[1] in ("materialized", "not") or (follows[1] == "(" and follows[2] in _QUERIES)
            return follows[0] == "as" and held
    return False
