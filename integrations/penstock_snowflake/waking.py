"""Whether a statement that needs a warehouse may be asked: where it would resume a suspended one, only who said so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from penstock.integration import Connection, text_of
from penstock_snowflake.naming import pattern, stored_name

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session

_ASLEEP = ("SUSPENDED", "SUSPENDING")


def why_not(session: Session, connection: Connection) -> str | None:
    """Why no such statement may be asked now; None when it may."""
    name = text_of(connection.settings, "warehouse")
    if name is None:
        return "no `warehouse` is set to ask by SQL"
    if connection.settings.get("wake"):
        return None
    rows = session.rows(f"SHOW WAREHOUSES LIKE {pattern(stored_name(name))}")
    if not rows:
        return f"the warehouse {name} does not exist or this role may not use it"
    if str(rows[0].get("state")).upper() in _ASLEEP:
        return f"the warehouse {name} is suspended (`wake: true` lets penstock resume it)"
    return None
