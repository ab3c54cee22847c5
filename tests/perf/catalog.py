"""What reading a large PostgreSQL catalog costs: `python -m tests.perf.catalog [TABLES]` (20,000 by default, of 20 columns).

The floor is the same result through psycopg alone, a row per column, fetched and dropped. `same` are the statements that we send, their
rows dropped too. Ours is the whole observation, twice: PostgreSQL does not tell what is unchanged. Each is a process of its own.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from penstock.integration import Scope
from penstock_postgres import catalog as reading
from penstock_postgres.address import address_of
from penstock_postgres.config import PostgresConfig
from penstock_postgres.connect import opened
from tests.contract.cases import settings_of
from tests.perf.catalogs import measured, report, tell
from tests.tools.postgres import new_server
from tests.unit.penstock_postgres.loading import connection_at

COLUMNS = 20
_MAKE = """
DO $$ BEGIN FOR n IN {first}..{last} LOOP
  EXECUTE format('CREATE TABLE t%s ({columns})', n);
END LOOP; END $$"""
_ROWS = """
SELECT a.attrelid::bigint, a.attname, format_type(a.atttypid, a.atttypmod), d.description
FROM pg_attribute a
LEFT JOIN pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
WHERE a.attrelid = ANY(%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum"""


def main() -> None:
    if len(sys.argv) > 2:
        sent = [0]
        _count(sent)
        {"ours": ours, "floor": floor, "same": same}[sys.argv[1]](sys.argv[2])
        tell(sent[0])
        return
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    server = new_server()
    server.start(fsync=False)
    try:
        url = server.url()
        _make(url, tables)
        print(f"{tables} tables of {COLUMNS} columns")
        parts = {"client": "floor", "same": "same", "first": "ours", "second": "ours"}
        costs = {name: measured(["tests.perf.catalog", part, url]) for name, part in parts.items()}
        report("PostgreSQL", costs, what="statements")
    finally:
        server.remove()


def _count(sent: list[int]) -> None:
    """Every statement that psycopg is given in this process."""
    execute = psycopg.Cursor.execute

    def counted(*given: Any, **named: Any) -> Any:
        sent[0] += 1
        return execute(*given, **named)

    psycopg.Cursor.execute = counted  # type: ignore[method-assign]


def _make(url: str, tables: int) -> None:
    columns = ", ".join(f"column_{number} bigint" for number in range(COLUMNS))
    with psycopg.connect(url, autocommit=True) as session:
        for first in range(1, tables + 1, 1000):  # more locks than a transaction may have otherwise
            session.execute(_MAKE.format(first=first, last=min(tables, first + 999), columns=columns))


def ours(url: str) -> None:
    """The observation as `refresh` makes it."""
    from penstock.integration import ObserveContext
    from penstock_postgres.observe import observe

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        context = ObserveContext(
            project_root=root, state_dir=root, cache_dir=root, instance="main", config=PostgresConfig(**settings_of(url)),
            environment="dev", may_call=True, environ={}, options={}, address=address_of,
            connection=lambda name: connection_at(url, root), progress=lambda line: None,
        )  # fmt: skip
        assert observe(context).assets


def floor(url: str) -> None:
    """As a client without us asks."""
    _drop(url, _ROWS)


def same(url: str) -> None:
    _drop(url, reading.COLUMNS)


def _drop(url: str, columns: LiteralString) -> None:
    connection = connection_at(url, Path.cwd())
    with opened(connection) as session:
        oids = [one.oid for one in reading.read_relations(session, Scope(), address_of(connection))]
        for start in range(0, len(oids), reading.PAGE):
            page = oids[start : start + reading.PAGE]
            for query in (reading.DETAILS, columns):
                for _ in session.execute(query, [page]):
                    pass


if __name__ == "__main__":
    main()
