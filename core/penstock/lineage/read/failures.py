"""What is told of a text that cannot be read, or that sqlglot lets pass though no warehouse does."""

from __future__ import annotations

import re
from itertools import pairwise

from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.errors import LineageError


def look_for_templates(tokens: list[Token], sql: str, name: str) -> None:
    """`{{ ... }}` and `{% ... %}` that were not rendered."""
    if "{{" not in sql and "{%" not in sql:
        return
    for one, after in pairwise(tokens):
        follows = one.token_type == TokenType.L_BRACE and one.end + 1 == after.start
        if (follows and after.text in ("{", "%")) or one.token_type in _TEMPLATES:
            raise told_at(one, "a template, not SQL", sql, name, hint=_RENDER)


def look_at(tokens: list[Token], sql: str, name: str) -> None:
    """What sqlglot lets pass and no warehouse does: a clause with nothing behind it, a template that was not rendered."""
    look_for_templates(tokens, sql, name)
    last = len(tokens) - 1
    for at, token in enumerate(tokens) if ";" in sql else ((last, tokens[last]),) if tokens else ():
        if token.token_type == TokenType.SEMICOLON:
            at -= 1
        elif at != last:
            continue
        if at >= 0 and _dangles(tokens, at):
            raise told_at(tokens[at], "incomplete", sql, name)


def _dangles(tokens: list[Token], at: int) -> bool:
    kind = tokens[at].token_type
    if kind == TokenType.ON:  # `SET NOCOUNT ON` is whole
        return any(one.token_type == TokenType.JOIN for one in tokens[max(0, at - 8) : at])
    return kind in _DANGLING


_RENDER = "render it first: dbt compile writes the SQL to target/compiled"


def told_at(token: Token, what: str, sql: str, name: str, *, hint: str | None = None) -> LineageError:
    line, column = sql.count("\n", 0, token.start) + 1, token.start - sql.rfind("\n", 0, token.start)
    text = one_line(sql[token.start : token.end + 1])
    message = f"{name}: {what} at line {line}, column {column} near '{text}'"
    return LineageError(message, dialect=name, line=line, column=column, text=text, hint=hint)


def nothing_in(tokens: list[Token], sql: str, name: str) -> LineageError:
    """A text without any statement."""
    return told_at(tokens[0], "no statement begins so", sql, name)


_TEMPLATES = frozenset(
    getattr(TokenType, one) for one in ("BLOCK_START", "BLOCK_END") if hasattr(TokenType, one)
)
_DANGLING = frozenset(
    getattr(TokenType, one)
    for one in (
        "SELECT", "FROM", "WHERE", "GROUP_BY", "ORDER_BY", "HAVING", "QUALIFY", "USING", "AND", "OR", "NOT", "ALIAS",
        "SET", "JOIN", "UNION", "INTERSECT", "EXCEPT", "COMMA", "DOT", "EQ", "PLUS", "DASH", "WHEN", "THEN", "CASE",
    )
    if hasattr(TokenType, one)
)  # fmt: skip


def told(error: ParseError, name: str) -> LineageError:
    facts = error.errors[0] if error.errors else {}
    line, column = facts.get("line"), facts.get("col")
    text = str(facts.get("highlight") or "")
    what = str(facts.get("description") or one_line(str(error))).rstrip(".")
    if column is not None and text:
        column = max(1, column - len(text) + 1)
    near = f" near '{one_line(text)}'" if text else ""
    where = f" at line {line}, column {column}" if line is not None else ""
    return LineageError(
        f"{name}: {_plain(what)}{where}{near}", dialect=name, line=line, column=column, text=text
    )


def _plain(text: str) -> str:
    """sqlglot's words without the names of its own classes."""
    text = re.sub(r"<Token token_type: [^>]*?text: (.*?), line: [^>]*>", r"'\1'", one_line(text)).replace(
        "'SENTINEL'", "the end"
    )
    return re.sub(
        r"Required keyword: '\w+' missing for <class '[\w.]*?(\w+)'>",
        lambda found: f"{_words(found[1])} is incomplete",
        text,
    )


def _words(name: str) -> str:
    """`OrderBy` as ORDER BY."""
    symbol = {"EQ": "=", "NEQ": "<>", "GT": ">", "GTE": ">=", "LT": "<", "LTE": "<="}.get(name)
    return symbol or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).upper()


def one_line(text: str) -> str:
    return " ".join(text.replace("\x1b[4m", "").replace("\x1b[0m", "").split())
