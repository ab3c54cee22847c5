"""Whether two SQL texts differ in form only: the same words in the same order, but for comments and white space. Pure.

Nothing else is normalised: what this calls the same means the same in every dialect. What it calls different costs a build.
"""

from __future__ import annotations


def words(sql: str, dialect: str) -> tuple[tuple[str, str], ...] | None:
    """The text's tokens with their kinds; None when it cannot be read."""
    from sqlglot import tokenize
    from sqlglot.errors import SqlglotError

    try:
        tokens = tokenize(sql, read=dialect or None)
    except (SqlglotError, ValueError):
        return None
    return tuple((token.token_type.name, token.text) for token in tokens)


def same_but_for_form(one: str, other: str, dialect: str) -> bool:
    """False where that is not certain: a hint is a comment that counts, and so may be anything with `+` or `!` behind its mark."""
    if one == other:
        return True
    if any(mark in text for text in (one, other) for mark in ("/*+", "--+", "/*!")):
        return False
    first = words(one, dialect)
    return first is not None and first == words(other, dialect)
