"""SQL types of columns in the layout of Airbyte's PostgreSQL destination, and what wins where two types meet. Pure."""

from __future__ import annotations

from penstock.integration import ColumnRole, LoadColumn

TEXT = "character varying"
TYPES = {
    "string": TEXT,
    "boolean": "boolean",
    "integer": "bigint",
    "number": "numeric",
    "date": "date",
    "timestamp_tz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "time_tz": "time with time zone",
    "time": "time without time zone",
    "json": "jsonb",
}
_ROLE_TYPES = {
    ColumnRole.ROW_ID: TEXT,
    ColumnRole.EXTRACTED_AT: "timestamp with time zone",
    ColumnRole.META: "jsonb",
    ColumnRole.GENERATION: "bigint",
}
_WHOLE = ("smallint", "integer", "bigint")
_WIDER = {
    frozenset({"date", "timestamp without time zone"}): "timestamp without time zone",
    frozenset({"date", "timestamp with time zone"}): "timestamp with time zone",
    frozenset({"timestamp without time zone", "timestamp with time zone"}): "timestamp with time zone",
    frozenset({"time without time zone", "time with time zone"}): "time with time zone",
}


def sql_type(column: LoadColumn) -> str:
    return _ROLE_TYPES.get(column.role) or TYPES[column.type]


def wider(existing: str, new: str, role: ColumnRole = ColumnRole.FIELD) -> str:
    """The type that holds the values of both: text when nothing narrower does. `existing` as format_type() spells it."""
    if existing == new or (existing == "text" and new == TEXT):
        return existing
    if role is ColumnRole.ROW_ID and existing.startswith(TEXT):
        return existing  # character varying(36), as Airbyte makes it: an id has 36 characters
    if existing in _WHOLE and new in _WHOLE:
        return max(existing, new, key=_WHOLE.index)
    if _is_number(existing) and _is_number(new):
        return "numeric"
    found = _WIDER.get(frozenset({existing, new}))
    return found or ("text" if existing == "text" else TEXT)


def _is_number(kind: str) -> bool:
    return kind in _WHOLE or kind.startswith("numeric") or kind in ("real", "double precision")
