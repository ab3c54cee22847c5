"""Secrets in a text of SQL that is kept: hidden so that equal texts stay equal, and others others. Parses no SQL.

A value that is also a name (a password `postgres`, a database of that name) is hidden where it is text, never where it is a name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_SHORTEST = 6  # a shorter word is found in ordinary texts, and hiding it would change what they say
_NAME = re.compile(r"\w+")
_LONG = 12
# Texts, comments, and everything else.
_PARTS = re.compile(r"('(?:[^']|'')*'|--[^\n]*|/\*[\s\S]*?\*/)")


def without_secrets(sql: str, secrets: Iterable[str]) -> str:
    """`sql` with a mark for each secret value: asterisks, and so little of a digest that it tells two apart and finds none."""
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
    return "".join(part.replace(form, mark) if at % 2 else part for at, part in enumerate(_PARTS.split(sql)))


def _mark(value: str) -> str:
    return "****" + hashlib.blake2b(value.encode("utf-8", "surrogatepass"), digest_size=3).hexdigest()


def _may_be_a_name(value: str) -> bool:
    """What no table or column is called is hidden wherever it stands."""
    if _NAME.fullmatch(value) is None:
        return False
    mixed = any(one.isdigit() for one in value) and any(one.isalpha() for one in value)
    return not (mixed and len(value) >= _LONG)
