"""Projects whose source is the scripted connector, questions to the warehouse they load, and who else may hold it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb

from penstock.integration import Phase, StepEvent
from tests.support import ROOT
from tests.tools.syncing import Bench, Heard

TABLE = ROOT / "tests" / "tools" / "connectors" / "table.py"
TALKER = ROOT / "tests" / "tools" / "connectors" / "talker.py"

USERS: dict[str, Any] = {
    "schema": {
        "id": {"type": "integer"},
        "name": {"type": ["null", "string"], "description": "what they are called"},
        "updated_at": {"type": "string", "format": "date-time"},
    },
    "key": ["id"],
    "cursor": "updated_at",
}


def user(number: int, second: int, name: str | None = None) -> dict[str, Any]:
    """A user as of that second of a day."""
    at = f"2026-01-01T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
    return {"id": number, "name": name or f"user {number}", "updated_at": at}


def misconfigured(bench: Bench) -> str:
    """What is wrong with the one connection of a project, as its finding says it."""
    (finding,) = bench.observe().findings
    assert finding.code == "connection-misconfigured", finding
    return finding.message


class Loaded:
    """What lies in the warehouse of a project folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.root / "shop.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def tables(self) -> list[str]:
        return [
            row[0] for row in self.ask("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'raw'")
        ]

    def columns(self, table: str) -> list[tuple[Any, ...]]:
        sql = "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = 'raw' AND table_name = '{}'"
        return self.ask(sql.format(table) + " ORDER BY column_index")

    def users(self) -> list[tuple[Any, ...]]:
        return self.ask("SELECT id, name FROM shop.raw.users ORDER BY ALL")


class Shop(Loaded):
    """A connection `shop` from the scripted connector; its data and options can change between syncs."""

    def __init__(self, root: Path, tables: dict[str, Any], **connection: Any) -> None:
        super().__init__(root)
        self.data = root / "source.json"
        self.options: dict[str, Any] = {}
        self.command = [sys.executable, "-S", str(TABLE)]
        self.connection = {"destination": "main", "schema": "raw", **connection}
        self.settings: dict[str, Any] = {}
        self.put(tables)

    def put(self, tables: dict[str, Any]) -> None:
        """What the source holds from now on."""
        self.data.write_text(json.dumps(tables))

    def rows(self, rows: list[dict[str, Any]], stream: str = "users") -> None:
        tables = json.loads(self.data.read_text())
        tables[stream]["rows"] = rows
        self.put(tables)

    def raw(self) -> dict[str, Any]:
        config = {"data": str(self.data), **self.options}
        source = {"command": self.command, "config": config}
        return {"connections": {"shop": {"source": source, **self.connection}}, **self.settings}

    @property
    def bench(self) -> Bench:
        return Bench(self.root, **self.raw())


def mode(name: str, **settings: Any) -> dict[str, Any]:
    return {"streams": {"users": {"sync_mode": name, **settings}}}


def holding(file: Path) -> subprocess.Popen[str]:
    """A process that has the file open for writing, as soon as this returns."""
    script = (
        f"import duckdb, time\nc = duckdb.connect({str(file)!r})\nprint('open', flush=True)\ntime.sleep(600)"
    )
    holder = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    return holder


def ending(holder: subprocess.Popen[str]) -> Heard:
    """Ends who holds the warehouse as soon as a sync waits for that."""

    def heard(event: StepEvent) -> None:
        if isinstance(event, Phase) and event.message.startswith("waiting: "):
            holder.kill()

    return heard
