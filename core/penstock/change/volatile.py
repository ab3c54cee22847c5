"""Why one SQL text may give other data of the same inputs: clocks, chance, sequences, files, functions that nobody here knows.

Found by name among the text's tokens, so that no parser's tree can hide it. A name that means something else costs a build, no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from penstock.change.functions import KNOWN, NO_FUNCTIONS

_DAILY = frozenset({"current_date", "curdate", "today"})
# With or without parentheses.
_BARE_WORDS = """
    current_timestamp current_time current_datetime localtime localtimestamp sysdate systimestamp
    sysdatetime current_user session_user current_role current_warehouse current_schema current_schemas
    current_database current_catalog current_session current_query user rowid ctid information_schema
    pg_catalog sqlite_master tablesample nextval currval _metadata
"""
_BARE = frozenset(_BARE_WORDS.split())
# Where and by whom a row was written, and names of the catalog by number: no column has such a name there, quoted or not. Elsewhere xmin is
# the edge of a map.
_THERE = {
    "postgres": frozenset(
        [
            "ctid",
            "xmin",
            "xmax",
            "cmin",
            "cmax",
            "tableoid",
            "regclass",
            "regcollation",
            "regconfig",
            "regdictionary",
            "regnamespace",
            "regoper",
            "regoperator",
            "regproc",
            "regprocedure",
            "regrole",
            "regtype",
        ]
    )
}
_LITERALS = re.compile(r"\s*(now|today|tomorrow|yesterday)(\s+[\d:.]+)?\s*", re.IGNORECASE)
_PLACES = frozenset({"from", "join", ","})
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
    found = list(_signs(tokens, _THERE.get(dialect, frozenset())))
    always = next((one for one in found if not one.daily), None)
    return always or next(iter(found), None)


def _signs(tokens: Sequence[Any], there: frozenset[str]) -> Iterator[Volatility]:
    words = [_word(token) for token in tokens]
    for at, token in enumerate(tokens):
        kind, word = token.token_type.name, words[at]
        after = words[at + 1] if at + 1 < len(words) else ""
        if "STRING" in kind:
            if _LITERALS.fullmatch(token.text):
                yield Volatility(f"'{token.text}' in its SQL")
            if at and words[at - 1] in _PLACES - {","}:
                yield Volatility("its SQL reads a file")
        elif word in _DAILY and kind != "IDENTIFIER":
            yield Volatility(f"{word} in its SQL", daily=True)
        elif word in there or (word in _BARE and kind != "IDENTIFIER"):
            yield Volatility(f"{word} in its SQL")
        elif word == "sample" and ((at and words[at - 1] == "using") or after in _SAMPLED):
            yield Volatility("a sample in its SQL")
        elif kind == "PARAMETER" and not after.isdigit():
            yield Volatility("its SQL reads a file or a variable of the session")
        elif after == "(" and _is_unknown(words, at, kind):
            yield Volatility(f"its SQL calls {word}(), which may give other data each time")
    if (cut := _cut(words)) and not any(word.startswith("order") for word in words):
        yield Volatility(f"{cut} without ORDER BY in its SQL")


def _cut(words: Sequence[str]) -> str:
    """The word by which it takes some rows of those that it finds."""
    pairs = pairwise([*words, ""])
    return next((word.upper() for word, after in pairs if word == "limit" or _takes(word, after)), "")


def _takes(word: str, after: str) -> bool:
    number = word in ("top", "offset", "fetch") and after.isdigit()
    return number or (word == "fetch" and after in ("first", "next"))


def _word(token: Any) -> str:
    return str(token.text).lower() if "STRING" not in token.token_type.name else "'"


def _is_unknown(words: Sequence[str], at: int, kind: str) -> bool:
    """Whether what stands before a parenthesis is a function that is not known to be the same for the same."""
    word = words[at]
    if not re.fullmatch(r"\w+", word) or word[0].isdigit() or word in KNOWN:
        return False
    if kind != "IDENTIFIER" and word in NO_FUNCTIONS:
        return False
    before = words[at - 1] if at else ""
    return not (before in ("as", ")", "with", "recursive") or _names_a_cte(words, at))


def _names_a_cte(words: Sequence[str], at: int) -> bool:
    """`, t (a, b) as (` in a WITH."""
    depth = 0
    for place in range(at + 1, len(words)):
        depth += (words[place] == "(") - (words[place] == ")")
        if depth == 0:
            return words[place + 1 : place + 2] == ["as"] and words[place + 2 : place + 3] in (
                ["("],
                ["materialized"],
                ["not"],
            )
    return False
