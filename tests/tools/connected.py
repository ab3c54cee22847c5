"""A project of connections from the scripted source, without dbt, and the command line upon it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb

from tests.support import ROOT
from tests.tools.command import Done, environ, penstock

TABLE = ROOT / "tests" / "tools" / "connectors" / "table.py"
NO_DBT = environ(None)
ID = {"id": {"type": "integer"}}


class Estate:
    """A project of connections from the scripted source, one data file each."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / ".git").mkdir()
        self.connections: dict[str, Any] = {}
        self.settings: dict[str, Any] = {"warehouses": {"main": {"type": "duckdb", "path": "w.duckdb"}}}

    def connect(self, name: str, tables: dict[str, Any], **more: Any) -> None:
        self.put(name, tables)
        source = {"command": [sys.executable, "-S", str(TABLE)], "config": {"data": f"{name}.json"}}
        self.connections[name] = {"source": source, "destination": "main", "schema": name, **more}
        self.write()

    def put(self, name: str, tables: dict[str, Any]) -> None:
        (self.root / f"{name}.json").write_text(json.dumps(tables))

    def write(self) -> None:
        document = {**self.settings, "airbyte": {"ingest": {"connections": self.connections}}}
        (self.root / "penstock.yml").write_text(json.dumps(document))

    def __call__(self, *arguments: str, code: int = 0) -> Done:
        done = penstock(self.root, *arguments, env=NO_DBT)
        assert done.code == code, done
        return done

    def rows(self, table: str, columns: str = "id") -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.root / "w.duckdb"), read_only=True) as connection:
            return connection.execute(f"SELECT {columns} FROM {table} ORDER BY ALL").fetchall()
