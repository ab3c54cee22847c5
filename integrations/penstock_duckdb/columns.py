"""SQL for columns: which type a field gets, how its JSON text becomes that type, what wins when two types meet."""

from __future__ import annotations

from penstock.integration import ColumnRole, LoadColumn
from penstock_duckdb import moments

# Most JSON numbers are doubles: DOUBLE keeps those as they are, where DECIMAL(38,9) would round 1e-10 to 0 and lose 1e30.
# What is done with the others is in `numbers`.
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


_BIGINT_DIGITS = 19


def sql_type(column: LoadColumn) -> str:
    return _ROLE_TYPES.get(column.role) or TYPES[column.type]


def wider(existing: str, new: str) -> str:
    """The type that holds the values of both: VARCHAR when nothing narrower does."""
    if existing == new or (existing == "BIGINT" and new.startswith("DECIMAL")):
        return new
    if existing.startswith("DECIMAL") and new.startswith("DECIMAL"):
        return new  # chosen for what is there and what comes
    if existing.startswith("DECIMAL") and new == "BIGINT":
        digits, _, scale = existing.removeprefix("DECIMAL(").removesuffix(")").partition(",")
        if int(digits) - int(scale) >= _BIGINT_DIGITS:
            return existing
        return f"DECIMAL(38,{scale})" if 38 - int(scale) >= _BIGINT_DIGITS else "VARCHAR"
    return _WIDER.get(frozenset({existing, new}), "VARCHAR")


def typed(kind: str, text: str) -> str:
    """SQL that reads `text` (an SQL expression: the value's text, or JSON) as `kind`; NULL when it does not fit."""
    if kind in ("string", "json"):
        return text
    if kind == "boolean":
        return f"CASE {text} WHEN 'true' THEN true WHEN 'false' THEN false END"
    if kind == "integer":
        # A plain cast rounds '1.5' to 2, and takes '1_0' for 10 and '0x10' for 16. Up to 18 characters a DECIMAL(38, 18) holds a fraction
        # exactly; what is longer, or has a negative power, is noted rather than rounded.
        exact = f"TRY_CAST({text} AS DECIMAL(38, 18))"
        return (
            f"CASE WHEN contains({text}, '_') OR {_based(text)} THEN NULL"
            f" WHEN contains({text}, '.') OR contains({text}, 'e') OR contains({text}, 'E')"
            f" THEN CASE WHEN length({text}) <= 18 AND NOT contains(lower({text}), 'e-') AND {exact} = floor({exact})"
            f" THEN TRY_CAST({exact} AS BIGINT) END ELSE TRY_CAST({text} AS BIGINT) END"
        )
    if kind == "number":
        # Infinite is what a double does not hold; '1_0' is no number.
        double = f"TRY_CAST({text} AS DOUBLE)"
        return f"CASE WHEN isfinite({double}) AND NOT contains({text}, '_') THEN {double} END"
    return moments.read(kind, text)


def _based(text: str) -> str:
    """A test for whole numbers of another base. It begins with what is cheap, and holds of few texts."""
    return f"(({text} < '!' OR {text} BETWEEN '0A' AND '0z') AND regexp_matches({text}, '^\\s*0[xXbB]'))"
