"""Values by name, of a connection's settings or of a warehouse's row, read as what they must be. Converts; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from penstock.errors import ToolError


def text_of(values: Mapping[str, object], name: str) -> str | None:
    """As text; None when it is missing or empty."""
    value = values.get(name)
    return str(value) if value not in (None, "") else None


def whole_of(values: Mapping[str, object], name: str) -> int | None:
    """As a whole number; None when it is missing or empty. Raises ToolError, which does not show the value."""
    exact = values.get(name)
    if isinstance(exact, int):
        return int(exact)
    value = number_of(values, name)
    if value is not None and not value.is_integer():
        raise ToolError(f"`{name}` is no whole number")
    # Not through a float: that of 2**53 + 1 is another number.
    return None if value is None else int(Decimal(str(exact)))


def number_of(values: Mapping[str, object], name: str) -> float | None:
    """As a number; None when it is missing or empty. Raises ToolError, which does not show the value."""
    value = values.get(name)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int | float | str | Decimal):
            return float(value)
    except ValueError:
        pass
    raise ToolError(f"`{name}` is no number")
