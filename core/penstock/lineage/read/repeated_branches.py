"""Branches of a long UNION ALL that say what others have said: they are left out before a text is parsed.

Generated SQL has hundreds of branches that differ only in constants. Where one of them stands between two that are its twins it adds
no edge and no finding, and every place that is told, the first or the last, is in one of the two.
"""

from __future__ import annotations

import re
from itertools import pairwise
from operator import attrgetter
from typing import Any

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.token_kinds import marked

_UNIONS_ALL = ("union all", "UNION ALL")
_TEXTS = re.compile(r"'[^'\\]*'")
_LEAST = 3
"""So many twins there are where one is left out."""

_ALIAS, _ALL, _COMMA, _FROM, _JOIN = (
    TokenType.ALIAS, TokenType.ALL, TokenType.COMMA, TokenType.FROM, TokenType.JOIN,
)  # fmt: skip
_OPEN, _CLOSE, _SELECT, _UNION, _WITH = (
    TokenType.L_PAREN, TokenType.R_PAREN, TokenType.SELECT, TokenType.UNION, TokenType.WITH,
)  # fmt: skip
_CONSTANTS = (TokenType.STRING, TokenType.NUMBER)
_BEFORE_QUERY = (_FROM, _JOIN, _ALIAS)
_ENDS = marked((TokenType.SEMICOLON, TokenType.EXCEPT, TokenType.INTERSECT, TokenType.PIPE_GT))
_type_of = attrgetter("token_type")


def may_repeat(sql: str) -> bool:
    """Whether a look at the tokens is worth its time: parts of the text between UNION ALLs are alike but for constants."""
    return any(sql.count(words) > _LEAST and _are_alike(sql.split(words)[1:-1]) for words in _UNIONS_ALL)


def _are_alike(parts: list[str]) -> bool:
    return len(parts) - len({_TEXTS.sub("", part) for part in parts}) >= _LEAST - 1


class _Chain:
    """The branches of one query so far: where each UNION ALL stands."""

    __slots__ = ("is_plain", "unions")

    def __init__(self, is_plain: bool) -> None:
        self.is_plain = is_plain
        self.unions: list[int] = []


def without_repeated(tokens: list[Token]) -> list[Token]:
    """The tokens without the branches that stand between two twins."""
    left_out: list[tuple[int, int]] = []
    for chain in _chains(tokens):
        left_out.extend(_repeated(tokens, chain))
    if not left_out:
        return tokens
    kept: list[Token] = []
    at = 0
    for start, end in sorted(left_out):
        if start >= at:  # what stands inside a branch that is left out is left out with it
            kept.extend(tokens[at:start])
            at = end
    return [*kept, *tokens[at:]]


def _chains(tokens: list[Token]) -> list[list[int]]:
    """Of each query in FROM, in a CTE or at the top that is nothing but UNION ALLs, where these stand."""
    found: list[list[int]] = []
    stack: list[_Chain] = []
    chain = _Chain(True)
    for at, kind in enumerate(map(_type_of, tokens)):
        if kind == _OPEN:
            stack.append(chain)
            chain = _Chain(chain.is_plain and at > 0 and tokens[at - 1].token_type in _BEFORE_QUERY)
        elif kind == _CLOSE:
            if not stack:
                return []
            found.append(chain.unions)
            chain = stack.pop()
        elif kind == _UNION:
            if chain.is_plain and _is_union_all(tokens, at):
                chain.unions.append(at)
            else:
                chain = _Chain(False)
        elif _ENDS[kind]:
            chain = _Chain(False)
    found.append(chain.unions)
    return [unions for unions in found if len(unions) > _LEAST]


def _is_union_all(tokens: list[Token], at: int) -> bool:
    after = tokens[at + 1 : at + 3]
    return [one.token_type for one in after] == [_ALL, _SELECT]


def _repeated(tokens: list[Token], unions: list[int]) -> list[tuple[int, int]]:
    """The branches between their twins, each with the UNION ALL before it. The first and the last may have more than a branch:
    they are nobody's twins."""
    twins: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for start, end in pairwise(unions):
        twins.setdefault(_meaning(tokens, start + 2, end), []).append((start, end))
    return [one for alike in twins.values() for one in alike[1:-1]]


def _meaning(tokens: list[Token], start: int, end: int) -> tuple[Any, ...]:
    """What a branch says of columns: its words, without the constants that stand as items of a select list under a name."""
    found: list[Any] = []
    lists: list[bool] = []
    is_list = False
    before = _UNION
    for at in range(start, end):
        token = tokens[at]
        kind = token.token_type
        if kind == _OPEN:
            lists.append(is_list)
            is_list = False
        elif kind == _CLOSE and lists:
            is_list = lists.pop()
        elif kind == _SELECT:
            is_list = True
        elif kind == _FROM:
            is_list = False
        free = is_list and kind in _CONSTANTS and before in (_SELECT, _COMMA)
        if free and tokens[at + 1].token_type == _ALIAS:
            found.append(kind)
        else:
            found.append(token.text)
            found.append(kind)
        before = kind
    return tuple(found)
