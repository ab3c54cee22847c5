"""Names and constants in Snowflake's SQL: how they are quoted, and how a name that is not quoted is stored. Words only."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_PART = re.compile(r'"(?:[^"]|"")+"|[A-Za-z_][A-Za-z0-9_$]*')
_PARTS = re.compile(rf"(?:{_PART.pattern})(?:\.(?:{_PART.pattern}))*")


def quoted(*parts: str) -> str:
    """An SQL identifier, every part quoted: nothing is folded."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


def literal(text: str) -> str:
    """A text constant. In Snowflake's constants a backslash escapes: it is doubled first."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def instant(moment: float) -> str:
    """A moment (epoch seconds) as a constant with its time zone: a session's own may be any."""
    told = datetime.fromtimestamp(max(0.0, moment), UTC).isoformat(timespec="milliseconds")
    return f"{literal(told)}::timestamp_ltz"


def pattern(text: str) -> str:
    """A constant for LIKE that matches exactly this name (SHOW ... LIKE ignores case all the same)."""
    return literal(re.sub(r"([\\%_])", r"\\\1", text))


def stored_name(text: str) -> str:
    """A name of a setting as Snowflake stores it: folded up, unless it stands in double quotes or cannot stand without."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text.upper() if _PLAIN.fullmatch(text) else text


def parts_of(text: str) -> list[str] | None:
    """`db."My schema".t` as stored names; None when it is no name."""
    found = _PARTS.fullmatch(text.strip())
    return [stored_name(part) for part in _PART.findall(text)] if found else None


def sql_type(told: dict[str, object]) -> str:
    """A column's type in SQL from the JSON of SHOW COLUMNS."""
    kind = str(told.get("type") or "UNKNOWN").upper()
    if kind == "FIXED":
        return f"NUMBER({told.get('precision', 38)},{told.get('scale', 0)})"
    if kind == "TEXT":
        return text_type(told.get("length"))
    return {"REAL": "FLOAT"}.get(kind, kind)


def text_type(length: object) -> str:
    """VARCHAR, with its length unless that is the longest there is (16 MB; 128 MB in newer accounts)."""
    size = int(str(length)) if length not in (None, "") else None
    return "VARCHAR" if size is None or size >= 16_777_216 else f"VARCHAR({size})"
