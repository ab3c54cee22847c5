"""What reading a large DuckDB file costs: `python -m tests.perf.catalog_duckdb [TABLES]` (20,000 by default, of 20 columns).

The floor is the same statements through duckdb alone, every row fetched and dropped. Ours is the whole observation. An unchanged
file is known by its stat and is not opened again: `look` is the graph as a command gets it, `second` the same once more. Each is a
process of its own.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import duckdb

from penstock.integration import Connection, ObserveContext
from penstock_duckdb import catalog as reading
from penstock_duckdb.address import address_of
from penstock_duckdb.config import DuckdbConfig
from tests.perf.catalogs import counting, measured, report, tell

COLUMNS, SCHEMAS = 20, 20
_SAME = (
    "SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal"
    " ORDER BY schema_name, table_name, column_index",
    "SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE NOT internal ORDER BY 1, 2",
)


def main() -> None:
    if len(sys.argv) > 2:
        sent = [0]
        setattr(duckdb, "connect", counting(duckdb.connect, sent))  # noqa: B010  # of another type than it says
        {"ours": ours, "floor": floor, "look": look_at}[sys.argv[1]](Path(sys.argv[2]))
        tell(sent[0])
        return
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "shop.duckdb")
        _make(file, tables)
        print(f"{tables} tables of {COLUMNS} columns")
        Path(folder, "penstock.yml").write_text(
            "name: bench\nwarehouses: {main: {type: duckdb, path: shop.duckdb}}\n"
        )
        parts = {"client": "floor", "first": "ours", "look": "look", "second": "look"}
        costs = {
            name: measured(["tests.perf.catalog_duckdb", part, str(file)]) for name, part in parts.items()
        }
    report("DuckDB", costs, what="statements")


def _make(file: Path, tables: int) -> None:
    """Every second column has a name that no other table has."""
    with duckdb.connect(str(file)) as session:
        session.execute("BEGIN")
        for number in range(SCHEMAS):
            session.execute(f"CREATE SCHEMA s{number}")
        for number in range(tables):
            names = (f"column_{at}" if at % 2 else f"column_{at}_of_{number}" for at in range(COLUMNS))
            listed = ", ".join(f"{name} BIGINT" for name in names)
            session.execute(f"CREATE TABLE s{number % SCHEMAS}.t{number} ({listed})")
        session.execute("COMMIT")


def connection_at(file: Path) -> Connection:
    return Connection(type="duckdb", settings={"path": str(file)}, base=file.parent)


def ours(file: Path) -> None:
    """The observation as `refresh` makes it."""
    from penstock_duckdb.observe import observe

    context = ObserveContext(
        project_root=file.parent, state_dir=file.parent, cache_dir=file.parent, instance="main",
        config=DuckdbConfig(path=str(file)), environment="dev", may_call=True, environ={}, options={},
        address=lambda connection: address_of(connection, file.parent),
        connection=lambda name: connection_at(file), progress=lambda line: None,
    )  # fmt: skip
    assert observe(context).assets


def look_at(file: Path) -> None:
    """What a command does before all else: the graph, from the snapshot where that still holds."""
    from penstock.service.observe import look
    from penstock.service.workspace import open_workspace

    assert look(open_workspace(file.parent), may_call=True).graph.assets


def floor(file: Path) -> None:
    """The same rows, counts and sizes, fetched and dropped."""
    with duckdb.connect(str(file), read_only=True) as session:
        for statement in _SAME:
            rows = session.execute(statement)
            while rows.fetchmany(10_000):
                pass
        rows = session.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY 1, 2"
        )
        names = rows.fetchall()
        for start in range(0, len(names), reading.CHUNK):
            chunk = names[start : start + reading.CHUNK]
            session.execute(reading.counted("shop", chunk)).fetchall()
            session.execute(reading.sized("shop", chunk)).fetchall()


if __name__ == "__main__":
    main()
