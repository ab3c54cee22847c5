"""A loader set back by hand: its state replaced, tables emptied, in one transaction. Loads are elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from penstock.assets import Relation
from penstock.errors import ToolError
from penstock_duckdb.catalog import existing
from penstock_duckdb.connect import opened, quoted
from penstock_duckdb.ledger import Ledger


def reset(
    file: Path, database: str, loader: str, state: Mapping[str, str], emptied: Sequence[Relation]
) -> dict[Relation, int]:
    """See `Destination.reset`."""
    import duckdb

    with opened(file, write=True) as connection:
        stored = existing(connection, database)
        connection.execute("BEGIN")
        try:
            ledger = Ledger(connection, database)
            ledger.make()
            ledger.put_state(loader, state)
            found: dict[Relation, int] = {}
            for relation in emptied:
                place = stored.get(((relation.schema or "main").lower(), relation.identifier.lower()))
                if place is not None:
                    gone = connection.execute(f"DELETE FROM {quoted(database, *place)}").fetchone()
                    found[relation] = int(gone[0]) if gone else 0
            connection.execute("COMMIT")
        except duckdb.Error as error:
            # Closing without COMMIT rolls back; the file is as it was.
            raise ToolError(f"{file.name} refused: {str(error).splitlines()[0]}") from None
    return found
