"""What reading a large Snowflake account costs: `python -m tests.perf.catalog_snowflake [TABLES]` (20,000 by default, of 20 columns).

The stand-in runs in a process of its own and makes its rows as it is asked. The floor is the same statements through the connector
alone, every row fetched and dropped. Ours is the whole observation, and then the second one, of an account in which nothing changed.
"""

from __future__ import annotations

import json
import multiprocessing
import re
import sys
import tempfile
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from typing import Any

from penstock.integration import Connection, ObserveContext
from penstock_snowflake.address import address_of
from penstock_snowflake.columns import PAGE, condition
from penstock_snowflake.config import SnowflakeConfig
from penstock_snowflake.connect import opened
from tests.doubles.snowflake.answers import Answers, Table
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble, Statement
from tests.perf.catalogs import measured, report, tell

COLUMNS, SCHEMAS, CUT = 20, 20, 10_000
_SCHEMA = re.compile(r'IN SCHEMA "SHOP"\."(?P<schema>S\d+)" LIMIT \d+(?: FROM \'(?P<after>\w+)\')?$')
_RANGE = re.compile(r"table_schema = '(S\d+)' AND table_name >= 'T(\d+)' AND table_name <= 'T(\d+)'")
_KINDS = (("NUMBER", None, "18", "2"), ("TEXT", "16777216", None, None), ("TIMESTAMP_NTZ", None, None, None))
_TABLES = [
    "created_on",
    "name",
    "database_name",
    "schema_name",
    "comment",
    "rows",
    "bytes",
    "owner",
    "is_dynamic",
]
_QUERIED = ["table_schema", "table_name", "column_name", "data_type", "character_maximum_length", "numeric_precision",
            "numeric_scale", "comment"]  # fmt: skip


class Vast(Answers):
    """Answers of an account that nobody would want to keep in memory. `asked` counts the statements."""

    def __init__(self, estate: Estate, tables: int) -> None:
        super().__init__(estate)
        self._each = tables // SCHEMAS
        self.asked = 0

    def answer(self, sql: str, warehouse: str | None, cursor: Any) -> Table:
        self.asked += 1
        if sql.startswith("SHOW WAREHOUSES"):
            return super().answer(sql, warehouse, cursor)
        if sql.startswith("SHOW TERSE SCHEMAS"):
            return _texts(["name"], [[f"S{number}"] for number in range(SCHEMAS)])
        if sql.startswith("SHOW TABLES"):
            return _texts(_TABLES, self._shown(sql))
        if sql.startswith("SHOW COLUMNS"):
            return _texts(["column_name"], [["cut"]] * CUT)
        if sql.startswith("SHOW"):
            return _texts(["name", "schema_name"], [])
        if "LAST_DDL" in sql.upper():
            return _texts(["table_schema", "table_name"], [])
        return _texts(_QUERIED, self._columns(sql))

    def _shown(self, sql: str) -> list[list[str | None]]:
        found = _SCHEMA.search(sql)
        if found is None:
            return [_table("S0", number) for number in range(CUT)]
        first = int(found["after"][1:]) + 1 if found["after"] else 0
        return [_table(found["schema"], number) for number in range(first, min(first + CUT, self._each))]

    def _columns(self, sql: str) -> list[list[str | None]]:
        return [
            [schema, f"T{number:06}", _column(schema, number, at), *_KINDS[at % len(_KINDS)], None]
            for schema, low, high in _RANGE.findall(sql)
            for number in range(int(low), int(high) + 1)
            for at in range(COLUMNS)
        ]


def _texts(names: list[str], rows: list[list[str | None]]) -> Table:
    return Table([(name, "TEXT") for name in names], rows)


def _table(schema: str, number: int) -> list[str | None]:
    return ["1700000000.0", f"T{number:06}", "SHOP", schema, "", "1000", "4096", "LOADER", "N"]


def _column(schema: str, number: int, at: int) -> str:
    """Every second column has a name that no other table has."""
    return f"COLUMN_{at}" if at % 2 else f"COLUMN_{at}_OF_{schema}_{number}"


class _Double(SnowflakeDouble):
    """Keeps no results: they would be larger than the account."""

    def _told(self, statement: Statement) -> Any:
        told = super()._told(statement)
        statement.result = None
        return told


def serve(told: Pipe, tables: int) -> None:
    """Answers until it is ended, and tells how many statements came whenever it is asked."""
    with _Double(Estate()) as double:
        double.answers = vast = Vast(double.estate, tables)
        told.send(double.settings(database="SHOP"))
        while told.recv():
            told.send(vast.asked)


def main() -> None:
    if len(sys.argv) > 4:
        run = floor if sys.argv[1] == "floor" else ours
        run(json.loads(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
        tell()
        return
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    ours_end, server_end = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(server_end, tables), daemon=True
    )
    server.start()
    settings = json.dumps(ours_end.recv())
    try:
        print(f"{tables} tables of {COLUMNS} columns")
        with tempfile.TemporaryDirectory() as folder:
            parts = {"client": "floor", "first": "ours", "second": "ours"}
            costs = {
                name: measured(
                    ["tests.perf.catalog_snowflake", part, settings, str(tables), folder],
                    lambda: _asked(ours_end),
                )
                for name, part in parts.items()
            }
        report("Snowflake", costs, what="statements")
    finally:
        server.terminate()
        server.join()


def _asked(server: Pipe) -> int:
    server.send(True)
    return int(server.recv())


def connection_of(settings: dict[str, Any]) -> Connection:
    return Connection(type="snowflake", settings=settings, base=Path())


def ours(settings: dict[str, Any], tables: int, folder: Path) -> None:
    """The observation as `refresh` makes it."""
    from penstock_snowflake.observe import observe

    known = set(SnowflakeConfig.__struct_fields__)
    config = SnowflakeConfig(**{name: value for name, value in settings.items() if name in known})
    context = ObserveContext(
        project_root=folder, state_dir=folder, cache_dir=folder, instance="main", config=config,
        environment="dev", may_call=True, environ={}, options={}, address=address_of,
        connection=lambda name: connection_of(settings), progress=lambda line: None,
    )  # fmt: skip
    assert len(observe(context).assets) == tables // SCHEMAS * SCHEMAS


def floor(settings: dict[str, Any], tables: int, folder: Path) -> None:
    """The same answers, fetched and dropped."""
    each = tables // SCHEMAS
    places = sorted((f"S{schema}", f"T{number:06}") for schema in range(SCHEMAS) for number in range(each))
    with opened(connection_of(settings), "catalog") as session:
        cursor = session.raw.cursor()
        for schema in range(SCHEMAS):
            for start in range(0, each, CUT):
                after = f" FROM 'T{start - 1:06}'" if start else ""
                for _ in cursor.execute(f'SHOW TABLES IN SCHEMA "SHOP"."S{schema}" LIMIT {CUT}{after}'):
                    pass
        for start in range(0, len(places), PAGE):
            ranges = condition(places[start : start + PAGE])
            for _ in cursor.execute(f"SELECT ... FROM INFORMATION_SCHEMA.COLUMNS WHERE {ranges}"):
                pass


if __name__ == "__main__":
    main()
