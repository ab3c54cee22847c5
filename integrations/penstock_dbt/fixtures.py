"""Whether the rows that a unit test brings along are the same ones whenever it runs. Reads their text; renders and runs nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from penstock_manifests.dbt import Fixture

# A quoted word that some warehouses read as the time when it is cast: 'now'::timestamp.
_TIMES = re.compile(r"\b(now|today|tomorrow|yesterday)\b", re.IGNORECASE)
# What may stand in the place of a macro or a variable and gives another value each time.
_MOVING = re.compile(
    r"\b(now|today|tomorrow|yesterday|current_\w+|localtime\w*|sysdate|systimestamp|getdate|\w*rand\w*|\w*uuid\w*)\b",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"(?P<space>\s+|--[^\n]*|/\*(?![+!]).*?\*/)|(?P<text>'(?:[^'\\]|'')*')|(?P<quoted>\"[^\"]*\"|`[^`]*`)"
    r"|(?P<word>[A-Za-z_]\w*)|(?P<number>\d+(?:\.\d+)?)|(?P<sign>::|[(),=+-])|(?P<other>/\*.*|.)",
    re.DOTALL,
)
_WORDS = frozenset({"select", "union", "all", "distinct", "as", "null", "true", "false", "where", "limit"})
_CASTS = frozenset({"cast", "try_cast", "safe_cast"})
_LITERALS = frozenset({"date", "time", "timestamp", "datetime", "interval"})  # date '2026-01-01'
_OF_TYPES = frozenset({"precision", "varying", "with", "without", "time", "zone"})


def changing(fixtures: Iterable[Fixture], overrides: bytes) -> str:
    """Why they may not be; "" when they are."""
    if _MOVING.search(overrides.decode()):
        return "what it puts in the place of a macro or variable may be another value each time"
    for one in fixtures:
        if one.format == "sql" and not _constant(one.rows):
            return "its rows are asked of the warehouse (format: sql)"
        if one.format != "sql" and _TIMES.search(bytes(one.rows).decode()):
            return "its rows hold a word that a warehouse may read as the time"
    return ""


def _constant(rows: msgspec.Raw) -> bool:
    """Whether SQL is constants alone: it reads no relation, calls nothing but a cast, and is no template."""
    try:
        sql = msgspec.json.decode(rows, type=str)
    except msgspec.ValidationError:
        return False
    tokens = [(found.lastgroup or "", found[0]) for found in _TOKEN.finditer(sql)]
    parts = [(kind, text.lower()) for kind, text in tokens if kind != "space"]
    return bool(parts) and all(_fixed(*part) for part in _placed(parts))


def _placed(parts: list[tuple[str, str]]) -> Iterator[tuple[str, str, bool, str]]:
    """Each token, whether it is a name given to what is before it (or a type), and the token behind it."""
    named, before = False, ""
    for at, (kind, text) in enumerate(parts):
        named = before in ("as", "::") or (named and text in _OF_TYPES)
        yield kind, text, named, parts[at + 1][1] if at + 1 < len(parts) else ""
        before = text


def _fixed(kind: str, text: str, named: bool, behind: str) -> bool:
    if kind == "text":
        return _TIMES.search(text) is None
    if kind in ("number", "sign") or named:
        return kind != "other"
    if kind != "word":
        return False
    if text in _CASTS:
        return behind == "("
    return text in _WORDS or (text in _LITERALS and behind.startswith("'"))
