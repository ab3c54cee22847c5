"""What a program puts into a text before it is run: `${x}`, `&x`, `:1`, `?1`, `%s`. Said as `:x`, or as a part of a name, in the same places.

Fills nothing in: a value is none that the statement has, and a name stays as it was written.
"""

from __future__ import annotations

import re
from functools import cache

from penstock.lineage.dialects.traits import traits

_QUOTED = r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|--[^\n]*|/\*.*?(?:\*/|\Z)"
_SQLCMD = r"(?P<sqlcmd>(?<!\[)\$\(\w+\)(?!\]))"
_BRACED = r"(?P<braced>(?<!\w)\w*[$#]\{[\w.:-]+\}(?:\w|[$#]\{[\w.:-]+\})*)"
_NUMBERED = r"(?P<numbered>(?<![\w\]\[:)'\"?])[:?]\d+(?!\w))"
_FORMAT = r"(?P<format>(?:(?<=[=<>(,|+-])|(?<=[=<>(,|+-]\s)|(?i:(?<=\blike\s)|(?<=\band\s)|(?<=\bor\s)|(?<=\bin\s)|(?<=\blimit\s)|(?<=\bbetween\s)))%(?:s\b|\(\w+\)s\b))"
_AMPERSAND = r"(?P<ampersand>&&?[a-zA-Z]\w*\.?)"
_DOLLAR = r"(?P<dollar>(?<![\w$])\$\w+(?![\w$]))"
_MARKS = {"$": ("${", "$("), "#": ("#{",), "%": ("%s", "%(")}
# `00:10:00` has the mark too. The mark first, and then what is before it: so it is looked for as a text is.
_NUMBERS = {
    mark: re.compile(rf"{re.escape(mark)}(?<![\w\]\[:)'\"?]{re.escape(mark)})\d*(?!\w)")
    for mark in (":1", "?1")
}
_BEFORE_NAME = re.compile(
    r"(?i)(?:\b(?:from|join|into|table|update|view|using|exists|use|database|schema)\s+|\.)\Z"
)


@cache
def _pattern(*, braces: bool, ampersand: bool, dollar: bool) -> re.Pattern[str]:
    parts = [
        _QUOTED,
        _BRACED if braces else "",
        _NUMBERED,
        _FORMAT,
        _SQLCMD,
        _AMPERSAND if ampersand else "",
        _DOLLAR if dollar else "",
    ]
    return re.compile("(?s)" + "|".join(filter(None, parts)))


def with_placeholders(sql: str, dialect: str) -> str:
    """The text with each placeholder in a form that sqlglot reads."""
    ways = traits(dialect)
    marked = (ways.ampersand_variables and "&" in sql) or (ways.dollar_variables and "$" in sql)
    if not marked and not _has_marks(sql):
        return sql
    pattern = _pattern(
        braces=not ways.braces_are_read, ampersand=ways.ampersand_variables, dollar=ways.dollar_variables
    )
    return pattern.sub(lambda found: _said(found, "`" if ways.quotes_by_backtick else '"'), sql)


def _has_marks(sql: str) -> bool:
    """Sign by sign: most texts have none of them, and to look for two at once takes ten times as long."""
    for sign, marks in _MARKS.items():
        if sign in sql and any(mark in sql for mark in marks):
            return True
    for mark, pattern in _NUMBERS.items():
        if mark[0] in sql and mark in sql and pattern.search(sql) is not None:
            return True
    return False


def _is_an_operand(before: str) -> bool:
    """Whether a value ends there: `a ? 1 : 2` and `{k :1}` have no placeholders."""
    last = re.search(r"(\w+|\S)\s*\Z", before)
    return last is not None and (
        last[1] in "'\"`)]}" or (last[1][0].isalnum() and last[1].upper() not in _BEFORE_VALUE)
    )


_BEFORE_VALUE = frozenset(
    ["AND", "OR", "NOT", "IN", "LIKE", "ILIKE", "BETWEEN", "LIMIT", "OFFSET", "THEN", "ELSE", "WHEN", "SELECT", "BY", "ESCAPE",
     "ROWS", "TOP", "FIRST", "NEXT", "USING", "INTO", "RETURN", "IS", "DEFAULT", "INTERVAL", "CASE", "HAVING", "WHERE", "ON"]
)  # fmt: skip


def _said(found: re.Match[str], quote: str) -> str:
    kind = found.lastgroup
    text = found[0]
    if kind is None:
        return text
    before = found.string[max(0, found.start() - 20) : found.start()]
    if kind == "numbered" and _is_an_operand(before):
        return text
    if kind in ("numbered", "format") or text[1:].isdigit():
        return "?".ljust(len(text))
    named = re.sub(r"[{}()&.]", "", text)
    after = found.string[found.end() : found.end() + 1]
    whole = text[:2] in ("${", "#{") and text.index("}") == len(text) - 1
    is_name = (
        _BEFORE_NAME.search(before) or after == "." or text[-1] == "." or (kind == "braced" and not whole)
    )
    if not is_name:
        return f":{re.sub(r'[^0-9a-zA-Z_]', '_', named.lstrip('$#'))}".ljust(len(text))[: len(text)]
    if kind == "ampersand":
        return re.sub(r"[&.]", "_", text)
    inner = re.sub(r"[{}()]", "", text)
    return f"{quote}{inner}{quote}".ljust(len(text))
