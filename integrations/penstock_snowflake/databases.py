"""Which databases are filled from elsewhere: by replication or through a share. Of neither it is said that marks of states follow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from penstock.integration import text_of
from penstock_snowflake.naming import pattern
from penstock_snowflake.shows import Row, flag

if TYPE_CHECKING:
    from penstock_snowflake.connect import Session


def filled_from_elsewhere(session: Session, databases: Iterable[str]) -> frozenset[str]:
    """Of these. No warehouse runs for it."""
    return frozenset(
        one for one in dict.fromkeys(databases) if _is_shared(session, one) or _is_secondary(session, one)
    )


def _is_shared(session: Session, database: str) -> bool:
    """Also where it cannot be told, because it is not listed."""
    rows = _named(session.rows(f"SHOW DATABASES LIKE {pattern(database)}"), database)
    return not rows or any(text_of(row, "origin") for row in rows)


def _is_secondary(session: Session, database: str) -> bool:
    """The list holds each database that is replicated, of every account that has it."""
    rows = _named(session.rows(f"SHOW REPLICATION DATABASES LIKE {pattern(database)}"), database)
    copies = {str(row.get("account_name")) for row in rows if not flag(row.get("is_primary"))}
    if not copies:
        return False
    (told,) = session.rows("SELECT CURRENT_ACCOUNT_NAME() AS name")
    return str(told["name"]) in copies


def _named(rows: list[Row], name: str) -> list[Row]:
    return [row for row in rows if row["name"] == name]
