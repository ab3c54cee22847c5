"""Days, moments and times: a column holds what its source wrote, or the row says what it does not."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from tests.unit.penstock_duckdb.loading import Loading, line

KEPT, PART, NONE = None, "TRUNCATED", "NULLED"
CASES = {
    "date": [
        ("2026-01-31", "2026-01-31", KEPT),
        ("2026-01-31T00:00:00Z", "2026-01-31", KEPT),
        ("2026-01-31 00:00:00.000", "2026-01-31", KEPT),
        ("2026-01-31T10:00:00Z", "2026-01-31", PART),
        ("2026-01-31T00:00:00+05:30", "2026-01-31", PART),
        ("2026-01-31T24:00:00Z", "2026-01-31", PART),
        ("2026-02-30", None, NONE),
        ("epoch", None, NONE),
        ("infinity", None, NONE),
    ],
    "timestamp": [
        ("2026-01-31T10:00:00", "2026-01-31 10:00:00", KEPT),
        ("2026-01-31T10:00:00.5Z", "2026-01-31 10:00:00.5", KEPT),
        ("2026-01-31T10:00:00+05:30", "2026-01-31 04:30:00", KEPT),
        ("2026-01-31 10:00:00 Europe/Berlin", "2026-01-31 09:00:00", KEPT),
        ("2026-01-31T10:00-05:30", "2026-01-31 15:30:00", KEPT),
        ("-infinity", None, NONE),
    ],
    "timestamp_tz": [
        ("2026-01-31T10:00:00+05:30", "2026-01-31 04:30:00+00", KEPT),
        ("0000-01-01T00:00:00Z", "0001-01-01 (BC) 00:00:00+00", KEPT),
        ("2026-01-31T10:00:00.1234567Z", "2026-01-31 10:00:00.123456+00", PART),
        ("epoch", None, NONE),
    ],
    "time": [
        ("10:00:00.25", "10:00:00.25", KEPT),
        ("10:00:00+02:00", None, NONE),
        ("2026-01-31", None, NONE),
        ("2026-01-31T10:00:00", None, NONE),
    ],
    "time_tz": [
        ("10:00:00Z", "10:00:00+00", KEPT),
        ("10:00:00+02:00", "10:00:00+02", KEPT),
        ("2026-01-31T10:00:00Z", None, NONE),
    ],
    "integer": [("0x10", None, NONE), (" 0b11", None, NONE), ("0e3", "0", KEPT), ("010", "10", KEPT)],
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_a_part_that_is_not_kept_is_noted(kind: str, tmp_path: Path) -> None:
    loading = Loading(tmp_path)
    texts = [text for text, _, _ in CASES[kind]]
    loading.load(
        (line({"id": n, "v": v}) for n, v in enumerate(texts)), loading.table({"id": "integer", "v": kind})
    )
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        sql = "SELECT CAST(v AS VARCHAR), _airbyte_meta->>'$.changes' FROM shop.raw.t ORDER BY id"
        rows = connection.execute(sql).fetchall()
    found = [(value, next((one["change"] for one in json.loads(changes)), KEPT)) for value, changes in rows]
    assert dict(zip(texts, found, strict=True)) == {text: (value, note) for text, value, note in CASES[kind]}
