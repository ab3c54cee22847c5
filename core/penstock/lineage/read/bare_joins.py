"""Many joins without a condition: sqlglot looks for the ON of each behind all that follow, which doubles its work with every one.

Where they are many they are given to it as the CROSS JOINs that they are. What cannot be written so is refused, in no time.
"""

from __future__ import annotations

from collections.abc import Container
from itertools import compress
from operator import attrgetter

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.errors import LineageError
from penstock.lineage.read.token_kinds import marked, types

MOST = 8
"""So many of one FROM clause are read as they are written: 256 looks at what stands behind them."""

_type_of = attrgetter("token_type")


_ARRAY, _JOIN, _STRAIGHT = TokenType.ARRAY, TokenType.JOIN, TokenType.STRAIGHT_JOIN
_OPEN, _CLOSE = TokenType.L_PAREN, TokenType.R_PAREN
_JOINS, _CONDITIONS = types("JOIN", "STRAIGHT_JOIN"), types("ON", "USING")
_ENDS = types("WHERE", "SELECT", "GROUP_BY", "UNION", "INTERSECT", "EXCEPT", "SEMICOLON", "PIPE_GT")
_LOOKED_AT = marked((*_JOINS, *_CONDITIONS, *_ENDS, _OPEN, _CLOSE))
# sqlglot looks for no condition behind these.
_WITHOUT_CONDITION = types("CROSS", "NATURAL", "POSITIONAL")
_SAYS_NOTHING = types("INNER", "OUTER")
_NEEDS_CONDITION = types("SEMI", "ANTI", "ASOF", "ANY", "ALL")


def may_be_many(sql: str) -> bool:
    """Whether a look at the tokens is worth its time."""
    return sql.lower().count("join") > MOST


def are_many(sql: str, dialect: str) -> bool:
    """Whether no parser should be asked for the text as it stands. Raises TokenError."""
    from sqlglot import tokenize

    return may_be_many(sql) and bool(_many(tokenize(sql, read=dialect or None), frozenset()))


def read_as_crossed(tokens: list[Token], dialect: str, kinds: Container[TokenType]) -> list[Token]:
    """The tokens with CROSS before each join that has no condition, where there are many. `kinds`: what may stand before JOIN in
    this dialect. Raises LineageError."""
    bare = _many(tokens, kinds)
    if not bare:
        return tokens
    found: list[Token] = []
    for at, token in enumerate(tokens):
        if at in bare:
            before = tokens[at - 1].token_type if at else None
            if before in _NEEDS_CONDITION:
                raise _refused(token, len(bare), dialect)
            if before in _SAYS_NOTHING:
                found.pop()
            found.append(_like(token, TokenType.CROSS, "CROSS"))
            found.append(_like(token, _JOIN, "JOIN") if token.token_type == _STRAIGHT else token)
        else:
            found.append(token)
    return found


def _many(tokens: list[Token], kinds: Container[TokenType]) -> set[int]:
    without = {*_WITHOUT_CONDITION, _ARRAY} if _ARRAY in kinds else _WITHOUT_CONDITION
    return {at for joins in _without_condition(tokens, without) if len(joins) > MOST for at in joins}


def _without_condition(tokens: list[Token], without: Container[TokenType]) -> list[list[int]]:
    """The joins of each FROM clause that no ON and no USING belongs to; one belongs to the last join that has none yet."""
    found: list[list[int]] = []
    stack: list[list[int]] = []
    joins: list[int] = []
    for at in compress(range(len(tokens)), map(_LOOKED_AT.__getitem__, map(_type_of, tokens))):
        kind = tokens[at].token_type
        if kind in _JOINS:
            if not (at and tokens[at - 1].token_type in without):
                joins.append(at)
        elif kind in _CONDITIONS:
            if joins:
                joins.pop()
        elif kind == _OPEN:
            stack.append(joins)
            joins = []
        else:
            found.append(joins)
            joins = stack.pop() if kind == _CLOSE and stack else []
    return [*found, joins, *stack]


def _like(token: Token, kind: TokenType, text: str) -> Token:
    return Token(kind, text, token.line, token.col, token.start, token.end)


def _refused(token: Token, count: int, dialect: str) -> LineageError:
    return LineageError(
        f"{dialect}: {count} joins without ON or USING, one of them at line {token.line}",
        dialect=dialect,
        line=token.line,
        hint="say what each joins on",
    )
