"""Where a PostgreSQL database is, told from its settings alone: no import of psycopg, no call."""

from __future__ import annotations

from penstock.assets.namespace import namespace_of
from penstock.integration import Address, Connection, text_of, whole_of

_STEPS = (
    4  # so many steps with all their threads may work in one server at once, unless `pools` says otherwise
)
_THREADS = 4


def address_of(connection: Connection) -> Address:
    """The address of a `type: postgres` connection."""
    namespace = namespace_of("postgres", connection.settings)
    return Address(
        namespace=namespace,
        dialect="postgres",
        resource=namespace,
        slots=_STEPS * (whole_of(connection.settings, "threads") or _THREADS),
        database=database_of(connection),
        schema=text_of(connection.settings, "schema") or "public",
        views_fall=True,
    )


def database_of(connection: Connection) -> str | None:
    """The database's name; PostgreSQL takes the user's name where none is given."""
    settings = connection.settings
    return text_of(settings, "dbname") or text_of(settings, "database") or text_of(settings, "user")
