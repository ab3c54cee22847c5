"""Forms of T-SQL that sqlglot does not read, said in tokens that it reads."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.token_words import like, past_brackets, words_at

_OPERATORS = frozenset("+-*/%&|^")


def added_up(tokens: list[Token]) -> list[Token]:
    """T-SQL's `set a += b` as `set a = a + b`."""
    made = list(tokens)
    target = next(
        (
            at + 1
            for at in range(len(tokens) - 2)
            if words_at(tokens, at, 1) == ["UPDATE"] and words_at(tokens, at + 2, 1) == ["SET"]
        ),
        None,
    )
    for at in range(len(tokens) - 2, 1, -1):
        operator, equals = tokens[at], tokens[at + 1]
        if (
            operator.text not in _OPERATORS
            or equals.token_type != TokenType.EQ
            or operator.end + 1 != equals.start
        ):
            continue
        first = at - 1
        while first > 1 and tokens[first - 1].token_type in (TokenType.DOT, TokenType.PARAMETER):
            first -= 1 + (tokens[first - 1].token_type == TokenType.DOT)
        named = tokens[first:at]
        if (
            target is not None and len(named) == 1
        ):  # it is the target's, whatever else has a column of that name
            named = [tokens[target], like(named[0], TokenType.DOT, "."), *named]
        made[at : at + 2] = [equals, *named, operator]
    return made if len(made) != len(tokens) else tokens


def update_top(tokens: list[Token]) -> list[Token]:
    """T-SQL's `update top (10) t` as `update t`."""
    for at in range(len(tokens) - 2):
        if words_at(tokens, at, 3) == ["UPDATE", "TOP", "("]:
            end = past_brackets(tokens, at + 2)
            end += words_at(tokens, end, 1) == ["PERCENT"]
            return tokens[: at + 1] + tokens[end:]
    return tokens


def insert_hints(tokens: list[Token]) -> list[Token]:
    """T-SQL's `insert into t with (tablock) (a) ...` without how the table is locked."""
    made: list[Token] = []
    at = 0
    while at < len(tokens):
        if words_at(tokens, at, 2) == ["WITH", "("] and _is_named(made):
            at = past_brackets(tokens, at + 1)
        else:
            made.append(tokens[at])
            at += 1
    return made if len(made) != len(tokens) else tokens


def _is_named(before: list[Token]) -> bool:
    """Whether what stands before is `insert into a.b`."""
    at = len(before) - 1
    while at > 0 and before[at].token_type in _NAME_PARTS:
        at -= 1
    return 0 <= at < len(before) - 1 and before[at].token_type in (TokenType.INSERT, TokenType.INTO)


_NAME_PARTS = frozenset(
    {TokenType.VAR, TokenType.IDENTIFIER, TokenType.DOT, TokenType.HASH, TokenType.PARAMETER}
)


def bulk(tokens: list[Token]) -> list[Token]:
    """`openrowset(bulk 'f', ...) with (a int) as r` as `openrowset('f', ...) as r`."""
    gone: set[int] = set()
    for at in range(len(tokens) - 2):
        if words_at(tokens, at, 3) == ["OPENROWSET", "(", "BULK"]:
            end = past_brackets(tokens, at + 1)
            gone.add(at + 2)
            if words_at(tokens, end, 2) == ["WITH", "("]:
                gone.update(range(end, past_brackets(tokens, end + 1)))
    return [one for at, one in enumerate(tokens) if at not in gone] if gone else tokens


def numbered_columns(tokens: list[Token]) -> list[Token]:
    """T-SQL's `copy into t (a default 1 2, b 3)` as `copy into t (a, b)`."""
    if words_at(tokens, 0, 2) != ["COPY", "INTO"]:
        return tokens
    first = next((at for at, one in enumerate(tokens) if one.token_type == TokenType.L_PAREN), len(tokens))
    end = past_brackets(tokens, first)
    kept = [
        one
        for at, one in enumerate(tokens[first:end], first)
        if at in (first, end - 1)
        or one.token_type == TokenType.COMMA
        or tokens[at - 1].token_type in (TokenType.L_PAREN, TokenType.COMMA)
    ]
    return tokens[:first] + kept + tokens[end:] if len(kept) != end - first else tokens
