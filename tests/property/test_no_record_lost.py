"""What a connector emitted and what is in the table are the same, or the row says where they differ."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from penstock.integration import Outcome
from tests.property.hostile import FIELDS, MISSING, NOISE, TORN, Emitted, Value, emitted, state
from tests.unit.penstock_airbyte.replays import Replay

MODES = ["full_refresh_overwrite", "full_refresh_append", "incremental_append", "incremental_append_dedup"]
_COLUMNS = "id, text, CAST(whole AS VARCHAR), CAST(number AS VARCHAR), doc, CAST(\"at\" AT TIME ZONE 'UTC' AS VARCHAR), _airbyte_meta->>'$.changes'"


def same(name: str, value: Value, found: str | None) -> bool:
    """Whether what the table holds is what was written."""
    expected = value.exact
    if expected is MISSING:
        written = value.written.decode()
        if name == "doc":
            return found is not None and found == written.replace(" ", "")
        return bool(found == json.loads(written))
    if isinstance(expected, Decimal):
        return found is not None and Decimal(found) == expected
    if isinstance(expected, dict):
        return found is not None and json.loads(found) == expected
    return bool(found == expected)


def check(record: Emitted, row: tuple[Any, ...]) -> None:
    _, *stored, noted = row
    changed = {change["field"] for change in json.loads(noted)}
    assert record.noted <= changed, f"not noted: {record.noted - changed} of {record.line!r}"
    for name, found in zip(("text", "whole", "number", "doc", "at"), stored, strict=True):
        value = record.values.get(name)
        if value is None:
            assert found is None
        elif name not in changed:
            assert same(name, value, found), f"{name}: {found!r} of {record.line!r}"


def survive(shop: Replay, sync_mode: str, seed: int, count: int) -> None:
    """Two reads of one source: whole copies, or the second half after the first."""
    chance = random.Random(seed)
    records = [emitted(number, chance) for number in range(1, count + 1)]
    halves = (records[: count // 2], records[count // 2 :])
    whole = sync_mode.startswith("full")
    for half in [records, records] if whole else halves:
        lines: list[Any] = []
        for record in half:
            lines.append(record.line)
            if chance.random() < 0.05:
                lines.append(chance.choice(NOISE))
            if chance.random() < 0.01:
                lines.append(state(record.number))
        shop.read(b"".join([*lines, state(half[-1].number)]))
    for attempt in (1, 2):
        result = shop.bench.sync(attempt)
        assert result.outcome is Outcome.SUCCESS, result.message
        assert result.items["shop/users#table"].rows == (count if whole else len(halves[attempt - 1]))
    copies = 2 if sync_mode == "full_refresh_append" else 1
    rows = shop.ask(f"SELECT {_COLUMNS} FROM shop.raw.users ORDER BY id")
    assert len(rows) == count * copies
    for place, row in enumerate(rows):
        check(records[place // copies], row)


@pytest.mark.slow
@pytest.mark.parametrize("sync_mode", MODES)
def test_hostile_records(sync_mode: str, tmp_path: Path) -> None:
    survive(Replay(tmp_path, sync_mode, FIELDS), sync_mode, seed=len(sync_mode), count=400)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sync_mode", MODES)
def test_many_hostile_records(sync_mode: str, seed: int, tmp_path: Path) -> None:
    survive(Replay(tmp_path, sync_mode, FIELDS), sync_mode, seed=100 + seed, count=2_000)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_record_that_cannot_be_read_loses_none_before_it(seed: int, tmp_path: Path) -> None:
    """Hostile or not, what a state confirmed is there; the rest comes with the next sync."""
    chance = random.Random(seed)
    shop = Replay(tmp_path, "incremental_append", FIELDS)
    records = [emitted(number, chance) for number in range(1, 61)]
    lines = [record.line for record in records]
    shop.read(b"".join((*lines[:20], state(20), *lines[20:40], chance.choice(TORN), *lines[40:], state(60))))
    shop.read(b"".join((*lines[20:], state(60))))
    assert shop.bench.sync(1).outcome is Outcome.ERROR
    assert shop.ask("SELECT count(*) FROM shop.raw.users") == [(20,)]
    assert shop.bench.sync(2).outcome is Outcome.SUCCESS
    assert [part["stream"]["stream_state"] for part in shop.given(1)] == [{"id": 20}]
    rows = shop.ask(f"SELECT {_COLUMNS} FROM shop.raw.users ORDER BY id")
    assert len(rows) == 60
    for record, row in zip(records, rows, strict=True):
        check(record, row)
