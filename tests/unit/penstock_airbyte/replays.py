"""Projects whose source writes bytes that a test has chosen: lines as no well-behaved connector writes them."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from penstock.integration import LogLine
from tests.support import ROOT
from tests.tools.syncing import Bench, Result
from tests.unit.penstock_airbyte.sources import Loaded

REPLAY = ROOT / "tests" / "tools" / "connectors" / "replay.py"
Step = str | bytes | Mapping[str, Any]

FIELDS: dict[str, Any] = {
    "id": {"type": "integer"},
    "name": {"type": ["null", "string"]},
    "score": {"type": ["null", "number"]},
    "doc": {"type": ["null", "object"]},
}


def record(data: object, stream: str = "users", **extra: Any) -> str:
    body = {"stream": stream, "data": data, "emitted_at": 1_767_268_800_000, **extra}
    return json.dumps({"type": "RECORD", "record": body}) + "\n"


def of(data: str, stream: str = "users") -> str:
    """A record whose data is written as it stands."""
    return (
        f'{{"type":"RECORD","record":{{"stream":"{stream}","data":{data},"emitted_at":1767268800000}}}}'
        + "\n"
    )


def state(cursor: Any, stream: str = "users", *, count: float | None = None, line: str = "\n") -> str:
    content: dict[str, Any] = {
        "type": "STREAM",
        "stream": {"stream_descriptor": {"name": stream}, "stream_state": {"id": cursor}},
    }
    if count is not None:
        content["sourceStats"] = {"recordCount": count}
    return json.dumps({"type": "STATE", "state": content}) + line


def whole_state(shared: Any, states: Mapping[str, Any]) -> str:
    streams = [{"stream_descriptor": {"name": name}, "stream_state": value} for name, value in states.items()]
    content = {"type": "GLOBAL", "global": {"shared_state": shared, "stream_states": streams}}
    return json.dumps({"type": "STATE", "state": content}) + "\n"


def trace(kind: str, **content: Any) -> str:
    return json.dumps({"type": "TRACE", "trace": {"type": kind, "emitted_at": 1.0, **content}}) + "\n"


def status(value: str, stream: str = "users") -> str:
    return trace("STREAM_STATUS", stream_status={"stream_descriptor": {"name": stream}, "status": value})


def warnings(result: Result) -> list[str]:
    return [event.message for event in result.events if isinstance(event, LogLine) and event.level == "warn"]


class Replay(Loaded):
    """A connection `shop` (or `name`) whose reads are written down beforehand."""

    def __init__(
        self, root: Path, sync_mode: str = "incremental_append", fields: Mapping[str, Any] = FIELDS
    ) -> None:
        super().__init__(root)
        self.reads = root / "reads"
        self.reads.mkdir()
        self.name = "shop"
        self.settings: dict[str, Any] = {}
        self.connection: dict[str, Any] = {
            "destination": "main",
            "schema": "raw",
            "streams": {"users": {"sync_mode": sync_mode}},
        }
        self.catalog({"users": fields})

    def catalog(self, streams: Mapping[str, Mapping[str, Any]]) -> None:
        listed = [
            {
                "name": name,
                "json_schema": {"type": "object", "properties": fields},
                "supported_sync_modes": ["full_refresh", "incremental"],
                "source_defined_primary_key": [["id"]],
                "default_cursor_field": ["id"],
            }
            for name, fields in streams.items()
        ]
        (self.root / "catalog.json").write_text(json.dumps(listed))

    def read(self, *steps: Step) -> None:
        """What the next read writes."""
        place = len([file for file in self.reads.iterdir() if file.name.isdigit()])
        encoded: Sequence[Any] = [{"hex": step.hex()} if isinstance(step, bytes) else step for step in steps]
        (self.reads / str(place)).write_text(json.dumps(encoded))

    def given(self, read: int) -> Any:
        """The state that a read was given."""
        return json.loads((self.reads / f"{read}.seen").read_text())["state"]

    def raw(self) -> dict[str, Any]:
        config = {"catalog": str(self.root / "catalog.json"), "reads": str(self.reads)}
        source = {"command": [sys.executable, "-S", str(REPLAY)], "config": config}
        return {"connections": {self.name: {"source": source, **self.connection}}, **self.settings}

    @property
    def bench(self) -> Bench:
        return Bench(self.root, **self.raw())

    def rows(self, columns: str = "id, name", table: str = "users") -> list[tuple[Any, ...]]:
        return self.ask(f"SELECT {columns} FROM shop.raw.{table} ORDER BY id")

    def changes(self) -> dict[int, list[dict[str, Any]]]:
        """What is noted per row, where something is."""
        found = self.ask("SELECT id, _airbyte_meta->'$.changes' FROM shop.raw.users")
        return {number: json.loads(text) for number, text in found if text != "[]"}
