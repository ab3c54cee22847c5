"""T-SQL's `output ... into db.s.log (a, b)`: the relation behind it as the one name that sqlglot reads there."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

JOINED = "\u00b7"
"""Stands before each part of such a name."""

_PARTS = frozenset({TokenType.VAR, TokenType.IDENTIFIER})
_MARKS = frozenset({TokenType.HASH, TokenType.PARAMETER})
_ENDS = frozenset(
    {TokenType.SEMICOLON, TokenType.SELECT, TokenType.INSERT, TokenType.UPDATE, TokenType.DELETE}
    | {TokenType.MERGE, TokenType.VALUES, TokenType.WITH, TokenType.WHERE, TokenType.EXECUTE}
)


def output_into(tokens: list[Token]) -> list[Token]:
    """Names of several parts and names before a list, which is no call of a function of that name."""
    made: list[Token] = []
    at, puts_out = 0, False
    while at < len(tokens):
        kind = tokens[at].token_type
        made.append(tokens[at])
        at += 1
        puts_out = kind == TokenType.RETURNING or (puts_out and kind not in _ENDS)
        if puts_out and kind == TokenType.INTO:
            puts_out, end = False, _past_name(tokens, at)
            has_list = end < len(tokens) and tokens[end].token_type == TokenType.L_PAREN
            if end > at and (has_list or any(one.token_type == TokenType.DOT for one in tokens[at:end])):
                made.append(_as_one(tokens[at:end]))
                at = end
    return made if any(one is not other for one, other in zip(made, tokens, strict=False)) else tokens


def _past_name(tokens: list[Token], at: int) -> int:
    named = False
    while at < len(tokens):
        kind = tokens[at].token_type
        if kind == TokenType.DOT:
            named = False
        elif named or kind not in _PARTS | _MARKS:
            break
        else:
            named = kind in _PARTS
        at += 1
    return at


def _as_one(name: list[Token]) -> Token:
    said = "".join(JOINED if one.token_type == TokenType.DOT else one.text for one in name)
    first, last = name[0], name[-1]
    return Token(TokenType.VAR, JOINED + said, first.line, first.col, first.start, last.end)
