"""Of what each asset was made last: one document per asset, whose meaning is not the store's."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select, text

from penstock.assets import AssetKey
from penstock.store import schema
from penstock.store.database import Database

_TABLE = schema.made_from


def read(database: Database, environment: str) -> dict[AssetKey, bytes]:
    query = select(_TABLE.c.asset, _TABLE.c.document).where(_TABLE.c.environment == environment)
    with database.read() as connection:
        rows = connection.execute(query).all()
    return {AssetKey.parse(row.asset): bytes(row.document) for row in rows}


def write(
    database: Database, environment: str, run: int, at: float, documents: Mapping[AssetKey, bytes | None]
) -> None:
    """Replace what is kept of these assets; None: nothing is known any more. A newer run's word stays."""
    given = [
        {"environment": environment, "asset": str(key), "run_number": run, "at": at, "document": document}
        for key, document in documents.items()
        if document is not None
    ]
    gone = [
        {"environment": environment, "asset": str(key)}
        for key, document in documents.items()
        if document is None
    ]
    insert = text(
        "INSERT INTO made_from (environment, asset, run_number, at, document)"
        " VALUES (:environment, :asset, :run_number, :at, :document) ON CONFLICT (environment, asset)"
        " DO UPDATE SET run_number = excluded.run_number, at = excluded.at, document = excluded.document"
        " WHERE made_from.run_number <= excluded.run_number"
    )
    with database.write() as connection:
        if gone:
            connection.execute(
                text("DELETE FROM made_from WHERE environment = :environment AND asset = :asset"), gone
            )
        if given:
            connection.execute(insert, given)
