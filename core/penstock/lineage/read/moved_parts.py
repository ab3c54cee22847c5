"""Parts that stand where sqlglot does not read them, moved to where it does: changes in FROM, texts behind INSERT, names of RETURNING."""

from __future__ import annotations

import re

from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.dialects.traits import traits
from penstock.lineage.read.text_rewrites import blank, unquoted
from penstock.lineage.read.token_words import like, past_brackets

_CHANGES = frozenset({TokenType.MERGE, TokenType.UPDATE, TokenType.DELETE, TokenType.INSERT})
_CHANGE_IN_FROM = re.compile(r"(?i)\(\s*(?:merge|update|delete|insert)\s")
_ENDS = frozenset({TokenType.SEMICOLON})
_QUERIES = frozenset({TokenType.SELECT, TokenType.WITH})
_NAMES = frozenset({TokenType.VAR, TokenType.IDENTIFIER})


MOVED = "changed rows"
"""The name of a query that was moved before the statement: no name in a text has its blank."""


def with_query_before(tokens: list[Token]) -> list[Token]:
    """Oracle's `update (select ...) x set ...` and `insert into (select ...) ...` as changes of a query that WITH names."""
    for at in range(len(tokens) - 2):
        start = _start_of_change(tokens, at)
        if start is None or tokens[at + 1].token_type not in _QUERIES:
            continue
        end = past_brackets(tokens, at)
        name = like(tokens[at], TokenType.VAR, MOVED)
        said = [like(tokens[at], TokenType.WITH, "with"), name, like(tokens[at], TokenType.ALIAS, "as")]
        return [
            *tokens[:start],
            *said,
            *tokens[at:end],
            *tokens[start:at],
            name,
            *with_query_before(tokens[end:]),
        ]
    return tokens


def _start_of_change(tokens: list[Token], at: int) -> int | None:
    """Where the UPDATE or INSERT begins whose target opens in a parenthesis at `at`."""
    if tokens[at].token_type != TokenType.L_PAREN or not at:
        return None
    if tokens[at - 1].token_type == TokenType.UPDATE:
        return at - 1
    inserts = at > 1 and [one.token_type for one in tokens[at - 2 : at]] == [TokenType.INSERT, TokenType.INTO]
    return at - 2 if inserts else None


def with_changes_before(tokens: list[Token], sql: str, dialect: str) -> list[Token]:
    """T-SQL's `insert into u select ... from (merge ... output ...) as m` as `with x as (merge ...) insert into u ... from x as m`."""
    if not traits(dialect).output_into_tables or not _CHANGE_IN_FROM.search(sql):
        return tokens
    for at in range(1, len(tokens) - 2):
        opens = tokens[at].token_type == TokenType.L_PAREN and tokens[at + 1].token_type in _CHANGES
        if opens and tokens[at - 1].token_type == TokenType.FROM:
            start = at
            while start > 0 and tokens[start].token_type != TokenType.INSERT:
                start -= 1
            if tokens[start].token_type != TokenType.INSERT:
                return tokens
            end = past_brackets(tokens, at)
            first = tokens[at]
            name = like(first, TokenType.VAR, MOVED)
            said = [like(first, TokenType.WITH, "with"), name, like(first, TokenType.ALIAS, "as")]
            inner = tokens[at:end]
            if inner[1].token_type == TokenType.DELETE and inner[2].token_type == TokenType.FROM:
                del inner[2]  # `delete t output ...` is what sqlglot reads
            moved = [*said, *inner]
            return [*tokens[:start], *moved, *tokens[start:at], name, *tokens[end:]]
    return tokens


_INSERTED_TEXT = re.compile(
    r"(?is)(\binsert\s+(?:into\s+)?[\w.\[\]#@]+\s*(?:\([^()]*\)\s*)?)"
    r"(\bexec(?:ute)?\s*(?:\(\s*|(?:(?:sys|dbo)\.)?sp_executesql\s+)N?')(\s*(?:select|with)\b(?:[^']|'')*)('\s*\)?)(?!\s*[+']|\s+at\s)"
)


def with_inserted_texts(sql: str, dialect: str) -> str:
    """T-SQL's `insert into u exec('select ...')` as `insert into u select ...`, letter for letter in the same places."""
    if not traits(dialect).no_semicolons or "exec" not in sql.lower():
        return sql
    return _INSERTED_TEXT.sub(
        lambda found: f"{found[1]}{blank(found[2])}{unquoted(found[3])}{blank(found[4])}", sql
    )


def into_several(tokens: list[Token]) -> list[Token]:
    """`returning a, b into :x, :y` as `returning a, b into x (x, y)`: a list of names, as of a table's columns."""
    returns = False
    for at, token in enumerate(tokens):
        returns = (returns or token.text.upper() in ("RETURNING", "RETURN")) and token.token_type not in _ENDS
        if not returns or token.token_type != TokenType.INTO:
            continue
        end = at + 1
        while end < len(tokens) and tokens[end].token_type not in _ENDS:
            end += 1
        named = [one for one in tokens[at + 1 : end] if one.token_type in _NAMES]
        if not named or (tokens[at + 2 : at + 3] and tokens[at + 2].token_type == TokenType.L_PAREN):
            return tokens
        said = [like(named[0], TokenType.VAR, named[0].text), like(named[0], TokenType.L_PAREN, "(")]
        for one in named:
            said += [one, like(one, TokenType.COMMA, ",")]
        said[-1] = like(named[-1], TokenType.R_PAREN, ")")
        return [*tokens[: at + 1], *said, *tokens[end:]]
    return tokens
