"""SQL that reads days, moments and times of day, and that tells of which of them a part is not kept. Pure.

DuckDB's own casts take more than they say: a day out of a moment, a moment without its offset, '10:00' out of a date, `epoch`.
"""

from __future__ import annotations

# A year, or one before our era: words (`epoch`, `infinity`) are no moments of a source.
_A_YEAR = "({text} BETWEEN '0' AND ':' OR {text} BETWEEN '-0' AND '-:')"
# An hour comes first: a cast would take a whole moment too, and what it calls its time.
_AN_HOUR = "strpos({text}, ':') BETWEEN 2 AND 4"
_NO_ZONE = r"\s*[0-9]{1,2}:[0-9:.]+\s*"
_ZONE = r"[T ].*[^0-9:.Z ]"
_WHOLE_DAY = r"[^T ]+([T ]00:00(:00([.,]0*)?)?([Zz]|[+-]00(:?00)?)?)?\s*"
_FINER = r"\.[0-9]{6}[0-9]*[1-9]"  # than DuckDB's microseconds
_SHORT_DAY = 10
_SHORT_TIME, _SHORT_MOMENT = 15, 26  # shorter texts cannot have more digits


def read(kind: str, text: str) -> str:
    """NULL when it does not fit. A moment that names its zone is in UTC in a column without one."""
    if kind in ("time", "time_tz"):
        zoned = f"TRY_CAST(replace({text}, 'Z', '+00') AS TIME WITH TIME ZONE)"
        bare = f"CASE WHEN regexp_full_match({text}, '{_NO_ZONE}') THEN TRY_CAST({text} AS TIME) END"
        return f"CASE WHEN {_AN_HOUR.format(text=text)} THEN {bare if kind == 'time' else zoned} END"
    moment = f"TRY_CAST({text} AS TIMESTAMP WITH TIME ZONE)"
    if kind == "timestamp":
        moment = (
            f"CASE WHEN regexp_matches({text}, '{_ZONE}') THEN timezone('UTC', {moment})"
            f" ELSE TRY_CAST({text} AS TIMESTAMP) END"
        )
    if kind == "date":
        moment = f"TRY_CAST({text} AS DATE)"
    return f"CASE WHEN {_A_YEAR.format(text=text)} THEN {moment} END"


def shortened(kind: str, text: str) -> str:
    """A test for texts of which a column of that kind keeps a part only."""
    if kind == "date":
        return f"(length({text}) > {_SHORT_DAY} AND NOT regexp_full_match({text}, '{_WHOLE_DAY}'))"
    short = _SHORT_TIME if kind in ("time", "time_tz") else _SHORT_MOMENT
    return f"(length({text}) > {short} AND regexp_matches({text}, '{_FINER}'))"
