"""Secrets in a text of SQL that is kept: hidden so that equal texts stay equal, and others others. Parses no SQL.

A value that is also a name (a password `postgres`, a database of that name) stays where it is certainly a name, in every dialect.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product

_SHORTEST = 6  # a shorter word is found in ordinary texts, and hiding it would change what they say
_NAME = re.compile(r"[^\W\d]\w*")
_LONG = 12
_ROUNDS = 100_000  # of the digest: a list of words is not tried in an afternoon
# What quotes and comments look like in every dialect, and then what only some of them take for one. Unclosed, they reach to the end.
_PLAIN = (r"--[^\n]*", r"/\*[\s\S]*?(?:\*/|\Z)")
_QUOTES = (r"'(?:[^']|'')*(?:'|\Z)", r'"(?:[^"]|"")*(?:"|\Z)')
_ESCAPED = (r"'(?:[^'\\]|\\[\s\S]|'')*(?:'|\Z)", r'"(?:[^"\\]|\\[\s\S]|"")*(?:"|\Z)')
_SOMETIMES = {
    "`": r"`[^`]*(?:`|\Z)",
    "[": r"\[[^\]\n]*\]",
    "$": r"\$(?P<tag>\w*)\$[\s\S]*?(?:\$(?P=tag)\$|\Z)",
    "#": r"#[^\n]*",
    "//": r"//[^\n]*",
    '"""': r'"""[\s\S]*?(?:"""|\Z)',
    "'''": r"'''[\s\S]*?(?:'''|\Z)",
}


def without_secrets(sql: str, secrets: Iterable[str]) -> str:
    """`sql` with a mark for each secret value: asterisks, and so little of a slow digest that it tells two apart and is no way to find one."""
    for value in sorted(secrets, key=lambda value: (-len(value), value)):
        if len(value) < _SHORTEST:
            continue
        for form in dict.fromkeys((value, value.replace("'", "''"), value.replace("\\", "\\\\"))):
            if form in sql:
                sql = _hidden(sql, form, _mark(value), everywhere=not _may_be_a_name(value))
    return sql


def _hidden(sql: str, form: str, mark: str, *, everywhere: bool) -> str:
    if everywhere:
        return sql.replace(form, mark)
    names = {match.start() for match in re.finditer(re.escape(form), sql)}
    for pattern in _readings(sql):
        for match in pattern.finditer(sql):
            begin, end = match.span()
            if not _is_quoted_name(sql, begin, end):
                names -= {at for at in names if begin <= at < end}
    return re.sub(re.escape(form), lambda match: form if match.start() in names else mark, sql)


def _readings(sql: str) -> Iterator[re.Pattern[str]]:
    """How the text may be read, by what stands in it."""
    sometimes = [one for one in _SOMETIMES if one in sql]
    for escaped in (False, True) if "\\" in sql else (False,):
        for taken in product((False, True), repeat=len(sometimes)):
            yield _pattern(
                escaped, tuple(one for one, is_taken in zip(sometimes, taken, strict=True) if is_taken)
            )


@lru_cache(maxsize=256)
def _pattern(escaped: bool, sometimes: tuple[str, ...]) -> re.Pattern[str]:
    first = sorted((_SOMETIMES[one] for one in sometimes), key=len, reverse=True)  # three quotes before one
    return re.compile("|".join((*first, *_PLAIN, *(_ESCAPED if escaped else _QUOTES))))


def _is_quoted_name(sql: str, begin: int, end: int) -> bool:
    """In some dialects double quotes hold text. A dot beside them tells that this is a name."""
    return sql[begin] in '"`[' and "." in (sql[begin - 1 : begin], sql[end : end + 1])


@lru_cache(maxsize=64)
def _mark(value: str) -> str:
    digest = hashlib.pbkdf2_hmac("sha256", value.encode("utf-8", "surrogatepass"), b"kept sql", _ROUNDS, 2)
    return "****" + digest.hex()


def _may_be_a_name(value: str) -> bool:
    """What no table or column is called is hidden wherever it stands."""
    if _NAME.fullmatch(value) is None:
        return False
    mixed = any(one.isdigit() for one in value) and any(one.isalpha() for one in value)
    return not (mixed and len(value) >= _LONG)
