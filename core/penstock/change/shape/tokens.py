"""What is written in a text, without order and layout: the net under the tree, which forgets how some things were written.

A parser gives one tree to `nvl(a, b)` and `coalesce(a, b)`, to `real` and `float`; and a word that it passes over is in no tree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from penstock.change.functions import NO_FUNCTIONS

# Words that mean nothing where they may be left out; all that may stand there instead is in the tree.
_SILENT = frozenset({"as", "inner", "outer", "asc", "cast"})
Tokens = Sequence[Any]  # those of sqlglot
HINTS = ("/*+", "--+", "/*!")


def tokens_of(sql: str, dialect: str) -> Tokens | None:
    """None when it cannot be read."""
    from sqlglot import tokenize
    from sqlglot.errors import SqlglotError

    try:
        return tokenize(sql, read=dialect or None)
    except (SqlglotError, ValueError):
        return None


def written(tokens: Tokens, names: Counter[str]) -> Counter[str]:
    """Words, literals and called functions with their number; but for `names`, the identifiers that the tree has."""
    counted = Counter(_words(tokens))
    for name, number in names.items():
        if name in counted:
            counted[name] = max(0, counted[name] - number)
    return +counted


def _words(tokens: Tokens) -> Iterator[str]:
    texts = [str(token.text) for token in tokens]
    for at, token in enumerate(tokens):
        kind, text = token.token_type.name, texts[at]
        after = texts[at + 1] if at + 1 < len(texts) else ""
        if "STRING" in kind or kind == "NUMBER":
            if not (kind == "NUMBER" and _counts_rows(texts, at)):
                yield f"{kind} {text}"
        elif kind == "IDENTIFIER":
            if after == "(":
                yield f'"{text}"('
        elif text[:1].isalpha() or text[:1] == "_":
            word = " ".join(text.lower().split())
            if after == "(" and word not in NO_FUNCTIONS and word not in _SILENT:
                yield f"{word}("
            elif word not in _SILENT:
                yield word


def _counts_rows(texts: Sequence[str], at: int) -> bool:
    """`count(1)`, which is `count(*)`."""
    return [one.lower() for one in texts[max(0, at - 2) : at]] == ["count", "("] and texts[
        at + 1 : at + 2
    ] == [")"]
