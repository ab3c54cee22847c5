"""Sets of kinds of tokens, those that this version of sqlglot has. Says nothing of what they are for."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot.tokenizer_core import TokenType


def types(*names: str) -> frozenset[TokenType]:
    return frozenset(getattr(TokenType, name) for name in names if hasattr(TokenType, name))


def marked(kinds: Iterable[TokenType]) -> bytes:
    """1 at the number of each of them, for who asks at every token: an enum's member takes long to hash."""
    marks = bytearray(max(TokenType) + 1)
    for kind in kinds:
        marks[kind] = 1
    return bytes(marks)
