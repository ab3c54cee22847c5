"""Forms of Snowflake that sqlglot does not read, said in tokens that it reads. Every token keeps its place in the text."""

from __future__ import annotations

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.token_words import like, rewritten

_QUERIES = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN, TokenType.VALUES})
_KINDS = frozenset({"HYBRID", "ICEBERG"})


def without_kinds(tokens: list[Token]) -> list[Token]:
    """`create hybrid table`, `create dynamic iceberg table`: how a table is stored says nothing of columns."""
    gone = {
        at
        for at in range(1, len(tokens) - 1)
        if tokens[at].text.upper() in _KINDS
        and tokens[at + 1].token_type == TokenType.TABLE
        and tokens[at - 1].text.upper() in ("CREATE", "REPLACE", "DYNAMIC")
    }
    return [one for at, one in enumerate(tokens) if at not in gone] if gone else tokens


def into_several(tokens: list[Token]) -> list[Token]:
    """`select a, b into :x, :y from t` as `select a, b into x (x, y) from t`."""
    made = list(tokens)
    for at in range(len(tokens) - 5, -1, -1):
        if tokens[at].token_type != TokenType.INTO or tokens[at + 1].token_type != TokenType.COLON:
            continue
        named, end = [tokens[at + 2]], at + 3
        while [one.text for one in tokens[end : end + 2]] == [",", ":"] and end + 2 < len(tokens):
            named.append(tokens[end + 2])
            end += 3
        if len(named) > 1:
            listed = [part for one in named for part in (like(one, TokenType.COMMA, ","), one)][1:]
            opening, closing = (
                like(named[0], TokenType.L_PAREN, "("),
                like(named[-1], TokenType.R_PAREN, ")"),
            )
            made[at + 1 : end] = [named[0], opening, *listed, closing]
    return rewritten(tokens, made)


def flowing(tokens: list[Token]) -> list[Token]:
    """`select a from t ->> select a from $1` as `select a from (select a from t)`; what is no query stands by itself."""
    if not any(one.text == "->>" for one in tokens):
        return tokens
    made: list[Token] = []
    steps: list[list[Token]] = [[]]
    for one in tokens:
        if one.text == "->>":
            steps.append([])
        elif one.token_type == TokenType.SEMICOLON:
            made += [*_joined(steps), one]
            steps = [[]]
        else:
            steps[-1].append(one)
    return made + _joined(steps)


def _joined(steps: list[list[Token]]) -> list[Token]:
    made: list[list[Token]] = []
    read: set[int] = set()
    for number, step in enumerate(steps):
        said: list[Token] = []
        at = 0
        while at < len(step):
            back = _back(step, at)
            if back and number - back >= 0:
                said += _result_of(made[number - back], step[at])
                read.add(number - back)
                at += 2
            else:
                said.append(step[at])
                at += 1
        made.append(said)
    kept = [
        step
        for number, step in enumerate(made)
        if step and (number not in read or step[0].token_type not in _QUERIES)
    ]
    joined: list[Token] = []
    for step in kept:
        joined += [like(step[0], TokenType.SEMICOLON, ";"), *step] if joined else step
    return joined


def _back(step: list[Token], at: int) -> int:
    """How many steps back `$1` behind FROM or JOIN means; 0 for all else."""
    if not at or at + 1 >= len(step) or step[at].text != "$" or not step[at + 1].text.isdigit():
        return 0
    return int(step[at + 1].text) if step[at - 1].token_type in (TokenType.FROM, TokenType.JOIN) else 0


def _result_of(step: list[Token], site: Token) -> list[Token]:
    opening, closing = like(site, TokenType.L_PAREN, "("), like(site, TokenType.R_PAREN, ")")
    if step and step[0].token_type in _QUERIES:
        return [opening, *step, closing]
    called = like(site, TokenType.VAR, "result_scan")
    return [
        like(site, TokenType.TABLE, "table"),
        opening,
        called,
        opening,
        like(site, TokenType.NUMBER, "1"),
        closing,
        closing,
    ]
