"""The body of a function of SQL that is written as a text: `as $$ select ... $$`. Other texts are in `query_texts`."""

from __future__ import annotations

import re
from typing import Any, Protocol

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from penstock.lineage.read.text_rewrites import only, unquoted

_TEXTS = frozenset(
    getattr(TokenType, name)
    for name in ("STRING", "HEREDOC_STRING", "RAW_STRING")
    if hasattr(TokenType, name)
)
_FIRST_WORDS = ("select", "with", "values")
_FIRST_WORD = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*\*/|<<\s*\w+\s*>>)*([A-Za-z_]\w*)")


class Reads(Protocol):
    """What the texts are read with."""

    def tokens(self, sql: str) -> list[Token]: ...

    def trees(self, tokens: list[Token], sql: str) -> list[Any]: ...


def may_have_bodies(sql: str) -> bool:
    """Two fast searches: most texts make no function."""
    return "function" in sql or "FUNCTION" in sql


def is_query_text(text: str) -> bool:
    return _first_word(text) in _FIRST_WORDS


def is_block(body: Any) -> bool:
    """Whether the body of a function is a text of procedural code: `as $$ declare ... begin ... end $$`."""
    return isinstance(body, exp.Literal | exp.Heredoc | exp.RawString) and is_block_text(body.name)


def is_block_text(text: str) -> bool:
    return _first_word(text) in ("declare", "begin")


def _first_word(text: str) -> str:
    """Behind comments and the label of a block."""
    found = _FIRST_WORD.match(text)
    return found[1].lower() if found is not None else ""


def with_bodies(trees: list[Any], tokens: list[Token], sql: str, reader: Reads) -> list[Token]:
    """Puts the queries in place of the texts, and gives the tokens with theirs. What cannot be read stays a text."""
    for tree in trees:
        if _is_made_of_text(tree):
            query, tokens = inside(tree.args["expression"], tokens, sql, reader)
            if query is not None:
                tree.set("expression", exp.Subquery(this=query))
    return tokens


def inside(text: Any, tokens: list[Token], sql: str, reader: Reads) -> tuple[Any, list[Token]]:
    """The query in a text, if it is one, and the tokens with its own in place of the text."""
    for at, token in enumerate(tokens):
        if token.token_type in _TEXTS and token.text == text.name:
            inner = _tokens_inside(token, sql, reader)
            query = _query(inner, sql, reader)
            return query, tokens if query is None else [*tokens[:at], *inner, *tokens[at + 1 :]]
    return None, tokens


def _is_made_of_text(tree: Any) -> bool:
    if tree.__class__ is not exp.Create or str(tree.args.get("kind") or "").upper() != "FUNCTION":
        return False
    language = tree.find(exp.LanguageProperty)
    body = tree.args.get("expression")
    return (
        isinstance(body, exp.Literal | exp.Heredoc | exp.RawString)
        and is_query_text(body.name)
        and (language is None or language.name.upper() == "SQL")
    )


def _tokens_inside(token: Token, sql: str, reader: Reads) -> list[Token]:
    """The tokens of a text, each where it stands."""
    written = sql[token.start : token.end + 1]
    mark = written[: written.index("$", 1) + 1] if written.startswith("$") else written[:1]
    body = written[len(mark) : len(written) - len(mark)]
    start = token.start + len(mark)
    inner = unquoted(body) if mark == "'" else body
    try:
        found = reader.tokens(only(sql, start, start) + inner)
    except SqlglotError:
        return []
    return found[:-1] if found and found[-1].token_type == TokenType.SEMICOLON else found


def _query(tokens: list[Token], sql: str, reader: Reads) -> Any:
    try:
        trees = reader.trees(tokens, sql)
    except SqlglotError:
        return None
    return trees[0] if len(trees) == 1 and isinstance(trees[0], exp.Query) else None
