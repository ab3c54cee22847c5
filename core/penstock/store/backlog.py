"""The ticks that one look needs, however many wait: all that are at work, and of each schedule the oldest that wait."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.engine import Row

AT_ONCE = 20  # of each schedule; the next look takes the ones after

_RUNNING = """
SELECT * FROM automation_ticks {index} WHERE environment = :environment AND state = 'running' ORDER BY at DESC
"""
_INDEX = "INDEXED BY automation_ticks_by_state"  # SQLite would read all ticks that ever were

# From name to name along the index: no tick that waits behind the limit is read.
_NAMES = """
WITH RECURSIVE names(name) AS (
    SELECT (SELECT schedule FROM automation_ticks
            WHERE environment = :environment AND state = 'waiting' ORDER BY schedule LIMIT 1)
    UNION ALL
    SELECT (SELECT schedule FROM automation_ticks
            WHERE environment = :environment AND state = 'waiting' AND schedule > names.name
            ORDER BY schedule LIMIT 1)
    FROM names WHERE names.name IS NOT NULL
)
"""

# PostgreSQL would ask for the limit anew for every tick; SQLite has no LATERAL.
_POSTGRES = """
SELECT ticks.* FROM names CROSS JOIN LATERAL (
    SELECT * FROM automation_ticks
    WHERE environment = :environment AND state = 'waiting' AND schedule = names.name
    ORDER BY at LIMIT :last + 1
) ticks WHERE names.name IS NOT NULL ORDER BY ticks.at DESC
"""
_SQLITE = """
SELECT ticks.* FROM names CROSS JOIN automation_ticks ticks
WHERE ticks.environment = :environment AND ticks.state = 'waiting' AND ticks.schedule = names.name
AND ticks.at <= coalesce(
    (SELECT at FROM automation_ticks
     WHERE environment = :environment AND state = 'waiting' AND schedule = names.name
     ORDER BY at LIMIT 1 OFFSET :last), 1e300)
ORDER BY ticks.at DESC
"""


def open_ticks(connection: Connection, environment: str, waiting: int = AT_ONCE) -> list[Row[object]]:
    """Newest first. `waiting`: how many of each schedule. Those at work are read first: what waits is taken only by whoever
    has the turn, so that none is missed between the two."""
    sqlite = connection.dialect.name == "sqlite"
    working = text(_RUNNING.format(index=_INDEX if sqlite else ""))
    running = connection.execute(working, {"environment": environment}).all()
    words = _NAMES + (_SQLITE if sqlite else _POSTGRES)
    return [*running, *connection.execute(text(words), {"environment": environment, "last": waiting - 1})]
