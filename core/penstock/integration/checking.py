"""What a check in the warehouse's SQL is and gives, and how a row becomes results. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from penstock.integration.outcome import Usage


class SqlCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check in the warehouse's SQL: one row with one whole number, how many rows failed. `id` is the caller's.

    With `parts` the row has a number for each of them, in order, and each has a result of its own: several checks of one table
    that one scan answers.
    """

    id: str
    sql: str
    parts: tuple[str, ...] = ()


class SqlCheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """`failures` is None when it could not be run; `error` then says why. `seconds` is the query's time, or its share of it."""

    id: str
    failures: int | None
    seconds: float
    error: str | None = None
    usage: Usage | None = None


def check_results(
    check: SqlCheck, row: Sequence[object] | None, seconds: float
) -> tuple[SqlCheckResult, ...]:
    """What the query's only row says, for every part."""
    ids = check.parts or (check.id,)
    numbers = [value for value in row or () if isinstance(value, int) and not isinstance(value, bool)]
    if len(numbers) != len(ids) or row is None or len(row) != len(ids):
        shape = "one whole number" if len(ids) == 1 else f"{len(ids)} whole numbers"
        return check_failed(check, f"a check gives one row with {shape}, this one gave {row!r}", seconds)
    share = seconds / len(ids)
    return tuple(
        SqlCheckResult(id=part, failures=number, seconds=share, usage=Usage(seconds=share))
        for part, number in zip(ids, numbers, strict=True)
    )


def check_failed(check: SqlCheck, error: str, seconds: float) -> tuple[SqlCheckResult, ...]:
    """It could not be run: no part of it has a number."""
    ids = check.parts or (check.id,)
    return tuple(
        SqlCheckResult(id=part, failures=None, seconds=seconds / len(ids), error=error) for part in ids
    )
