"""SQL for columns: which type a field gets, how its JSON text becomes that type, what wins when two types meet."""

from __future__ import annotations

from penstock.integration import ColumnRole, LoadColumn

# A JSON number is a double in every source we know: DOUBLE keeps it as it is. DECIMAL(38,9) would round 1e-10 to 0
# and lose 1e30.
TYPES = {
    "string": "VARCHAR",
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "date": "DATE",
    "timestamp_tz": "TIMESTAMP WITH TIME ZONE",
    "timestamp": "TIMESTAMP",
    "time_tz": "TIME WITH TIME ZONE",
    "time": "TIME",
    "json": "JSON",
}
_ROLE_TYPES = {
    ColumnRole.ROW_ID: "VARCHAR",
    ColumnRole.EXTRACTED_AT: "TIMESTAMP WITH TIME ZONE",
    ColumnRole.META: "JSON",
    ColumnRole.GENERATION: "BIGINT",
}
_WIDER = {
    frozenset({"BIGINT", "DOUBLE"}): "DOUBLE",
    frozenset({"DATE", "TIMESTAMP"}): "TIMESTAMP",
    frozenset({"DATE", "TIMESTAMP WITH TIME ZONE"}): "TIMESTAMP WITH TIME ZONE",
    frozenset({"TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}): "TIMESTAMP WITH TIME ZONE",
    frozenset({"TIME", "TIME WITH TIME ZONE"}): "TIME WITH TIME ZONE",
}


def sql_type(column: LoadColumn) -> str:
    return _ROLE_TYPES.get(column.role) or TYPES[column.type]


def wider(existing: str, new: str) -> str:
    """The type that holds the values of both: VARCHAR when nothing narrower does."""
    if existing == new:
        return existing
    return _WIDER.get(frozenset({existing, new}), "VARCHAR")


def typed(kind: str, text: str) -> str:
    """SQL that reads `text` (an SQL expression: the value's text, or JSON) as `kind`; NULL when it does not fit."""
    if kind in ("string", "json"):
        return text
    if kind == "boolean":
        return f"CASE {text} WHEN 'true' THEN true WHEN 'false' THEN false END"
    if kind == "integer":
        # A plain cast rounds '1.5' to 2.
        exact = f"TRY_CAST({text} AS DECIMAL(38, 9))"
        return (
            f"CASE WHEN contains({text}, '.') OR contains({text}, 'e') OR contains({text}, 'E')"
            f" THEN CASE WHEN {exact} = floor({exact}) THEN TRY_CAST({exact} AS BIGINT) END"
            f" ELSE TRY_CAST({text} AS BIGINT) END"
        )
    if kind == "time_tz":
        text = f"replace({text}, 'Z', '+00')"
    return f"TRY_CAST({text} AS {TYPES[kind]})"
