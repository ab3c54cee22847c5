"""The tables that runs of a job have read and written, from the lineage system tables. Kept: they need a SQL warehouse that runs.

Databricks records what it could infer: a table that is not there may be written all the same.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from penstock.assets import Relation
from penstock.errors import PenstockError
from penstock.integration import Address, Connection
from penstock.integration.jobs import JobTables, KnownJob
from penstock.system.files import private_folder, write_private
from penstock_databricks.statements import Statements
from penstock_databricks.waking import why_asleep

_DAYS = 30
_LINEAGE = """
SELECT source_table_catalog, source_table_schema, source_table_name, target_table_catalog, target_table_schema, target_table_name
FROM system.access.table_lineage
WHERE entity_type = 'JOB' AND entity_id = '{job}' AND event_date >= date '{day}'
GROUP BY 1, 2, 3, 4, 5, 6"""
_Place = tuple[str, str, str]


class _Kept(msgspec.Struct, frozen=True):
    reads: tuple[_Place, ...]
    writes: tuple[_Place, ...]


def recorded(connection: Connection, address: Address, job: KnownJob, folder: Path) -> JobTables | str:
    """What is recorded now; what was, where nobody can be asked; else why it is not known."""
    file = folder / f"lineage-{job.job}.json"
    try:
        asleep = why_asleep(connection)
        found = None if asleep else _asked(connection, job.job)
    except PenstockError as error:
        asleep, found = error.what, None
    if found is not None:
        private_folder(folder)
        write_private(file, msgspec.json.encode(found))
    else:
        found = _load(file)
    if found is None:
        return asleep or "nobody has told"
    return JobTables(
        reads=tuple(_relation(address, place) for place in found.reads),
        writes=tuple(_relation(address, place) for place in found.writes),
    )


def _asked(connection: Connection, job: str) -> _Kept:
    day = (datetime.now(UTC) - timedelta(days=_DAYS)).date().isoformat()
    rows = Statements(connection, "lineage").rows(_LINEAGE.format(job=int(job), day=day)).rows
    reads = {(str(row[0]), str(row[1]), str(row[2])) for row in rows if all(row[:3])}
    writes = {(str(row[3]), str(row[4]), str(row[5])) for row in rows if all(row[3:])}
    return _Kept(tuple(sorted(reads - writes)), tuple(sorted(writes)))


def _relation(address: Address, place: _Place) -> Relation:
    return Relation(address.namespace, address.dialect, *place)


def _load(file: Path) -> _Kept | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):
        return None
