"""How a destination names what it makes: schema, table, column. One rule per warehouse dialect."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from penstock.errors import UsageError
from penstock_airbyte.api.names import DestinationKind, rules_of

_RULES: dict[str, Callable[[str], str]] = {
    "duckdb": str.lower,
    "postgres": rules_of(DestinationKind.POSTGRES)[0].column,
}
META_COLUMNS = ("_airbyte_raw_id", "_airbyte_extracted_at", "_airbyte_meta", "_airbyte_generation_id")
NO_NAME = "_"
OWN_SCHEMA = "_penstock"  # of the tables in which the warehouse keeps states and loads
_OURS = "_penstock_"  # columns of the stages begin so
# PostgreSQL's own columns, which every table has.
_SYSTEM = {_RULES["postgres"]: ("ctid", "tableoid", "xmin", "xmax", "cmin", "cmax")}


def rule_of(dialect: str) -> Callable[[str], str]:
    """The normaliser of a warehouse's destination. Raises UsageError where local syncs cannot write."""
    if dialect not in _RULES:
        raise UsageError(
            f"local syncs cannot write into {dialect}", hint="supported: " + ", ".join(sorted(_RULES))
        )
    return _RULES[dialect]


def table_name(rule: Callable[[str], str], name: str) -> str:
    """What a stream's table is called; and a field's column, where no other has that name."""
    found = rule(name) or NO_NAME
    return NO_NAME + found if found.startswith(_OURS) else found


def column_names(rule: Callable[[str], str], fields: Iterable[str]) -> dict[str, str]:
    """Field -> column, in the schema's order. A name that is taken already gets `_1`, `_2`, as the destinations do.

    A field may be named by the empty text, as a spreadsheet's column without a heading is; a column may not.
    """
    taken = {rule(name) for name in META_COLUMNS} | set(_SYSTEM.get(rule, ()))
    names: dict[str, str] = {}
    for field in fields:
        wanted = name = table_name(rule, field)
        count = 0
        while name in taken:
            count += 1
            name = rule(f"{wanted}_{count}")  # which may be too long, and is then shortened
        taken.add(name)
        names[field] = name
    return names
