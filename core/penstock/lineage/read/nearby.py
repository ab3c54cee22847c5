"""The segment around one name, read off the tokens near it, so that the rest of the text is not read.

Knows an item of a select list under a name, and the conditions and keys of a SELECT. None for all else, and for whatever is in
doubt: that is told by the segments of the whole text.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from operator import attrgetter
from types import MappingProxyType
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.bounds import (
    A_CLOSE,
    A_COMMA,
    AN_OPEN,
    JOIN_WORDS,
    JOINS_ON,
    MATCHING,
    ROLES,
    after_distinct,
    is_bound,
    starts_query,
)

_ALIAS, _COMMA, _SELECT = TokenType.ALIAS, TokenType.COMMA, TokenType.SELECT
# What holds a condition or a key of a SELECT, and the word behind which these stand.
_OPENED_BY: Mapping[tuple[type, str], TokenType] = MappingProxyType(
    {
        (exp.Group, "expressions"): TokenType.GROUP_BY,
        (exp.Having, "this"): TokenType.HAVING,
        (exp.Join, "on"): TokenType.ON,
        (exp.Qualify, "this"): TokenType.QUALIFY,
        (exp.Where, "this"): TokenType.WHERE,
    }
)
_start_of = attrgetter("start")


def near(tokens: list[Token], node: Any, offset: int, crossed: int) -> tuple[int, int] | None:
    """Start and end of the expression `node`. At `offset` stands its name, if it is an item with one, or else its first name, in
    so many subqueries of it."""
    parent = node.parent
    if parent is None or parent.parent.__class__ is not exp.Select:
        return None
    at = bisect_left(tokens, offset, key=_start_of)
    if at == len(tokens) or tokens[at].start != offset:
        return None
    if parent.__class__ is exp.Alias:
        return _item(tokens, parent, at) if parent.arg_key == "expressions" else None
    opener = _OPENED_BY.get((parent.__class__, node.arg_key))
    found = _start(tokens, at, opener, crossed) if opener is not None else None
    if found is None:
        return None
    first, inside = found
    return tokens[first].start, tokens[_last(tokens, at, inside)].end + 1


def _item(tokens: list[Token], alias: Any, at: int) -> tuple[int, int] | None:
    """The expression whose name stands at `at`."""
    first = (
        _after_item(tokens, alias.parent.args["expressions"][alias.index - 1], at) if alias.index else None
    )
    if first is None:
        found = _start(tokens, at, _SELECT, 0)
        if found is None or found[1]:
            return None
        first = found[0]
    last = at - 2 if tokens[at - 1].token_type == _ALIAS else at - 1
    return (tokens[first].start, tokens[last].end + 1) if first <= last else None


def _after_item(tokens: list[Token], before: Any, at: int) -> int | None:
    """Where the next item begins, if the name of `before` is the last of its tokens."""
    ident = before.args.get("alias" if before.__class__ is exp.Alias else "this")
    if before.__class__ not in _NAMED or ident.__class__ is not exp.Identifier or not ident._meta:
        return None
    start = ident._meta.get("start", -1)
    comma = bisect_left(tokens, start, hi=at, key=_start_of) + 1
    if comma < at and tokens[comma].token_type == _COMMA and tokens[comma - 1].start == start:
        return comma + 1
    return None


_NAMED = frozenset({exp.Alias, exp.Column})


def _start(tokens: list[Token], at: int, opener: TokenType, crossed: int) -> tuple[int, int] | None:
    """The first token of the item that holds the token at `at`, and how many parentheses of it that one stands in, `crossed`
    of them around subqueries."""
    first: int | None = None
    depth = inside = 0
    parted = False
    while at:
        at -= 1
        kind = tokens[at].token_type
        role = ROLES[kind]
        if not role:
            continue
        if role == A_CLOSE:
            depth += 1
        elif role == AN_OPEN:
            if depth:
                depth -= 1
                continue
            if starts_query(tokens, at):
                if not crossed:
                    return None
                crossed -= 1
            elif tokens[at - 1].text in MATCHING:
                return None
            # What was met so far stands in the same parenthesis: it parts nothing.
            inside, first, parted = inside + 1, None, False
        elif depth or parted or crossed:
            continue
        elif role == A_COMMA:
            first = first or at + 1
        elif kind == opener:
            after = after_distinct(tokens, at + 1) if kind == _SELECT else at + 1
            return first or after, inside
        else:
            parted = is_bound(tokens, at, kind)
    return None


def _last(tokens: list[Token], at: int, inside: int) -> int:
    """The last token of the item that holds the token at `at`, which stands in so many parentheses of it."""
    depth = inside
    for later in range(at + 1, len(tokens)):
        kind = tokens[later].token_type
        role = ROLES[kind]
        if not role:
            continue
        if role == AN_OPEN:
            depth += 1
        elif role == A_CLOSE:
            if not depth:
                return later - 1
            depth -= 1
        elif not depth and (role == A_COMMA or is_bound(tokens, later, kind)):
            while JOINS_ON[kind] and tokens[later - 1].token_type in JOIN_WORDS:
                later -= 1
            return later - 1
    return len(tokens) - 1
