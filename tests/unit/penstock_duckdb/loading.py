"""Loads from lines of JSON into a real file, for tests of the destination."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from penstock.integration import (
    ColumnRole,
    Destination,
    Load,
    LoadColumn,
    LoadedTable,
    RowSource,
    TableLoad,
    WriteMode,
)
from tests.unit.penstock_duckdb.support import warehouse_at

META = (
    LoadColumn(name="_airbyte_raw_id", role=ColumnRole.ROW_ID, type="string"),
    LoadColumn(name="_airbyte_extracted_at", role=ColumnRole.EXTRACTED_AT, type="timestamp_tz"),
    LoadColumn(name="_airbyte_meta", role=ColumnRole.META, type="json"),
    LoadColumn(name="_airbyte_generation_id", role=ColumnRole.GENERATION, type="integer"),
)
NOON = 1_767_268_800_000  # 2026-01-01T12:00:00Z


def line(data: Mapping[str, Any], stream: str = "t", at: float = NOON) -> str:
    return json.dumps({"type": "RECORD", "record": {"stream": stream, "data": data, "emitted_at": at}})


class Loading:
    """Loads one after the other into `shop.duckdb` of a folder; each has a token of its own unless it is given one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.destination: Destination = warehouse_at(root).destination()
        self.count = 0

    def table(
        self, fields: Mapping[str, str], mode: WriteMode = WriteMode.REPLACE, name: str = "t", **settings: Any
    ) -> TableLoad:
        """A table whose columns are called like their fields, in lower case."""
        columns = tuple(
            LoadColumn(
                name=settings.pop(f"as_{field}", field.lower()), role=ColumnRole.FIELD, type=kind, field=field
            )
            for field, kind in fields.items()
        )
        rows = RowSource(
            path=self.root / "rows.jsonl",
            where=(("$.type", "RECORD"), ("$.record.stream", name)),
            row="$.record.data",
            time="$.record.emitted_at",
            until=settings.pop("until", None),
        )
        relation = self.destination.relation("raw", name)
        return TableLoad(relation=relation, mode=mode, columns=(*META, *columns), rows=rows, **settings)

    def load(
        self,
        lines: Iterable[str],
        *tables: TableLoad,
        token: str | None = None,
        state: Mapping[str, str] | None = None,
        expected: dict[str, str] | None = None,
    ) -> tuple[LoadedTable, ...]:
        self.count += 1
        (self.root / "rows.jsonl").write_text("".join(text + "\n" for text in lines))
        load = Load(
            loader="test",
            token=token or f"token-{self.count}",
            tables=tables,
            state=dict(state or {}),
            staging=self.root / f"staging-{self.count}",
            expected=expected,
        )
        return self.destination.stage(load).commit()

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.root / "shop.duckdb"), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()


# Keys of a merge, of which the kind changes.
SPELLED_OTHERWISE = pytest.mark.parametrize(
    ("before", "now", "value"),
    [
        ("number", "string", 1.5),
        ("string", "number", "1.5"),
        ("timestamp_tz", "string", "2026-01-01T00:00:00Z"),
        ("number", "json", 1.5),
        ("json", "number", 1),
        ("date", "json", "2026-01-01"),
    ],
)
OF_ONE_SPELLING = pytest.mark.parametrize(
    ("before", "now"),
    [
        ("integer", "string"),
        ("string", "integer"),
        ("integer", "number"),
        ("json", "integer"),
        ("json", "json"),
    ],
)
