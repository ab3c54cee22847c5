"""How fresh a source has to be, from its freshness criteria. Pure; runs no check."""

from __future__ import annotations

import msgspec

_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


class _Within(msgspec.Struct):
    count: int | None = None
    period: str | None = None


class _Criteria(msgspec.Struct):
    warn_after: _Within | None = None
    error_after: _Within | None = None


def fresh_within(criteria: str) -> int:
    """The shortest age, in seconds, at which dbt warns or fails; 0 where the criteria (JSON text) name none."""
    try:
        told = msgspec.json.decode(criteria, type=_Criteria)
    except msgspec.MsgspecError:
        return 0
    ages = [
        one.count * _SECONDS[one.period]
        for one in (told.warn_after, told.error_after)
        if one is not None and one.count and one.period in _SECONDS
    ]
    return min(ages, default=0)
