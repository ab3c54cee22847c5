"""Where a quote or a comment begins that has no end."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token

from penstock.lineage.errors import LineageError
from penstock.lineage.read.failures import one_line


def unclosed(
    sql: str, error: TokenError, tokenize: Callable[[str], list[Token]], dialect: str
) -> LineageError:
    """The failure of a text that cannot be cut into tokens."""
    at = _of_quote(error)
    if at is None:
        at = _of_comment(sql, tokenize)
    line, column = sql.count("\n", 0, at) + 1, at - sql.rfind("\n", 0, at)
    text = one_line(sql[at : at + 30])
    what = f"{dialect}: not closed, from line {line}, column {column}: '{text}'"
    return LineageError(what, dialect=dialect, line=line, column=column, text=text)


def _of_quote(error: TokenError) -> int | None:
    """The tokenizer says where the quote begins: looking for it would read the text once for each quote in it."""
    found = re.search(r"Missing .* from \d+:(\d+)\Z", str(error.__context__ or ""), re.DOTALL)
    return int(found[1]) if found is not None else None


def _of_comment(sql: str, tokenize: Callable[[str], list[Token]]) -> int:
    """It stands behind the last token: the first comment there that is still open at the end."""
    try:
        tokens = tokenize(sql + " */" * sql.count("/*"))
    except TokenError:
        return 0
    at = max((one.end + 1 for one in tokens if one.end < len(sql)), default=0)
    opened: list[int] = []
    for found in re.finditer(r"--[^\n]*|/\*|\*/", sql[at:]):
        if found[0] == "/*":
            opened.append(at + found.start())
        elif found[0] == "*/" and opened:
            opened.pop()
    return opened[0] if opened else at
