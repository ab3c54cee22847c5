"""What was made and checked, the newest first to be asked for: materializations, check results, outside ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Row, Table, select, text

from penstock.assets import AssetKey
from penstock.store import schema
from penstock.store.database import Database
from penstock.store.records import (
    CheckRecord,
    End,
    ItemRecord,
    ItemState,
    MaterializationRecord,
    OutsideRecord,
)
from penstock.store.rows import check_record, item_record, materialization_record, outside_record

BAD_ENDS = ("error", "fail", "partial", "cancelled")


def _newest(
    connection: Connection,
    table: Table,
    key: str,
    order: str,
    environment: str,
    only: str = "TRUE",
    *,
    columns: Sequence[str] = (),
    ended: str = "TRUE",
) -> Sequence[Row[object]]:
    """The newest row per key of an environment, of those rows of which `only` holds: one index probe per key, however many
    rows there are. `columns` of it (all), and only where `ended` holds of that newest row."""
    told = [column for column in table.c if not columns or column.name in columns]
    statement = text(f"""
        WITH RECURSIVE keys(k) AS (
            SELECT min({key}) FROM {table.name} WHERE environment = :environment AND {only}
            UNION ALL
            SELECT (SELECT min({key}) FROM {table.name} WHERE environment = :environment AND {key} > keys.k AND {only})
            FROM keys WHERE keys.k IS NOT NULL)
        SELECT {", ".join(f"found.{column.name}" for column in told)} FROM keys JOIN {table.name} AS found
          ON found.environment = :environment AND found.{key} = keys.k AND {only}
         AND found.{order} = (SELECT max({order}) FROM {table.name} WHERE environment = :environment AND {key} = keys.k AND {only})
        WHERE keys.k IS NOT NULL AND {ended}
    """).columns(*told)
    return connection.execute(statement, {"environment": environment}).all()


def latest_materializations(database: Database, environment: str) -> dict[AssetKey, MaterializationRecord]:
    with database.read() as connection:
        rows = _newest(connection, schema.materializations, "asset", "id", environment)
    return {AssetKey.parse(row.asset): materialization_record(row) for row in rows}


def latest_checks(database: Database, environment: str) -> dict[AssetKey, CheckRecord]:
    with database.read() as connection:
        rows = _newest(connection, schema.check_results, "check_key", "id", environment)
    return {AssetKey.parse(row.check_key): check_record(row) for row in rows}


def latest_items(database: Database, environment: str) -> dict[AssetKey, ItemRecord]:
    """How each asset and check came out of the newest run that was to do something about it. One for which it was not selected
    tells nothing: what had failed before has failed still."""
    with database.read() as connection:
        rows = _newest(connection, schema.run_items, "item", "run_number", environment, schema.DONE)
    return {AssetKey.parse(row.item): item_record(row) for row in rows}


def latest_outcomes(database: Database, environment: str) -> dict[AssetKey, ItemRecord]:
    """The same, of the newest run that came to an end with it: one at work, and one that was cancelled or kept from it, tell nothing."""
    words = ", ".join(f"'{state.value}'" for state in ItemState if state.tells)
    only = f"{schema.DONE} AND state IN ({words})"
    with database.read() as connection:
        rows = _newest(connection, schema.run_items, "item", "run_number", environment, only)
    return {AssetKey.parse(row.item): item_record(row) for row in rows}


def last_ends(database: Database, environment: str) -> tuple[dict[AssetKey, End], dict[AssetKey, End]]:
    """Of each asset its newest materialization; and of what ended badly when it was last to be done, that end. Few columns of few
    rows: every plan asks for this."""
    bad = ", ".join(f"'{state}'" for state in BAD_ENDS)
    with database.read() as connection:
        made = _newest(
            connection,
            schema.materializations,
            "asset",
            "id",
            environment,
            columns=("asset", "run_id", "ended_at"),
        )
        failed = _newest(
            connection,
            schema.run_items,
            "item",
            "run_number",
            environment,
            schema.DONE,
            columns=("run_id", "item", "state", "ended_at"),
            ended=f"found.state IN ({bad})",
        )
    return (
        {AssetKey.parse(row.asset): End(row.run_id, row.ended_at, "success") for row in made},
        {AssetKey.parse(row.item): End(row.run_id, row.ended_at or 0.0, row.state) for row in failed},
    )


def latest_outside(database: Database, environment: str) -> dict[AssetKey, OutsideRecord]:
    with database.read() as connection:
        rows = _newest(connection, schema.outside, "asset", "at", environment)
    return {AssetKey.parse(row.asset): outside_record(row) for row in rows}


def materializations_of(
    database: Database, environment: str, asset: AssetKey, limit: int
) -> list[MaterializationRecord]:
    """Of one asset, newest first."""
    table = schema.materializations
    query = select(table).where(table.c.environment == environment, table.c.asset == str(asset))
    with database.read() as connection:
        rows = connection.execute(query.order_by(table.c.id.desc()).limit(limit)).all()
    return [materialization_record(row) for row in rows]


def materializations_in(database: Database, run: str) -> list[MaterializationRecord]:
    table = schema.materializations
    with database.read() as connection:
        rows = connection.execute(select(table).where(table.c.run_id == run).order_by(table.c.id)).all()
    return [materialization_record(row) for row in rows]


def checks_in(database: Database, run: str) -> list[CheckRecord]:
    table = schema.check_results
    with database.read() as connection:
        rows = connection.execute(select(table).where(table.c.run_id == run).order_by(table.c.id)).all()
    return [check_record(row) for row in rows]


def checks_of(database: Database, environment: str, check: AssetKey, limit: int) -> list[CheckRecord]:
    """Of one check, newest first."""
    table = schema.check_results
    query = select(table).where(table.c.environment == environment, table.c.check_key == str(check))
    with database.read() as connection:
        rows = connection.execute(query.order_by(table.c.id.desc()).limit(limit)).all()
    return [check_record(row) for row in rows]


def record_outside(database: Database, seen: Iterable[OutsideRecord]) -> None:
    """Keep what was made outside penstock; the same thing seen again is kept once."""
    rows = [
        {
            "environment": record.environment,
            "asset": str(record.asset),
            "at": record.at,
            "status": record.status,
            "made_by": record.by,
            "rows": record.rows,
            "message": record.message,
            "seconds": record.seconds,
        }
        for record in seen
    ]
    if not rows:
        return
    columns = list(rows[0])
    statement = text(
        f"INSERT INTO {schema.outside.name} ({', '.join(columns)}) "
        f"VALUES ({', '.join(':' + column for column in columns)}) ON CONFLICT DO NOTHING"
    )
    with database.write() as connection:
        connection.execute(statement, rows)
