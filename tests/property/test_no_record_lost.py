"""What a connector emitted and what is in the table are the same, or the row says where they differ."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from penstock.integration import UNDECLARED, Outcome
from tests.contract.cases import settings_of
from tests.property.hostile import FIELDS, MISSING, NOISE, TORN, Emitted, Value, emitted, state
from tests.tools.postgres import PostgresServer, new_server
from tests.unit.penstock_airbyte.replays import Replay
from tests.unit.penstock_airbyte.replays import record as line_of

MODES = ["full_refresh_overwrite", "full_refresh_append", "incremental_append", "incremental_append_dedup"]
_COLUMNS = "id, text, CAST(whole AS VARCHAR), CAST(number AS VARCHAR), doc, CAST(\"at\" AT TIME ZONE 'UTC' AS VARCHAR), _airbyte_meta->>'$.changes'"


_ON_POSTGRES = "id, text, whole::text, number::text, doc::text, (\"at\" AT TIME ZONE 'UTC')::text, _airbyte_meta->>'changes'"


class OnPostgres(Replay):
    """The same connection into a database of a real PostgreSQL."""

    def __init__(self, root: Path, sync_mode: str, url: str) -> None:
        super().__init__(root, sync_mode, FIELDS)
        self.url = url
        self.settings["warehouse"] = {"type": "postgres", **settings_of(url)}

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url, autocommit=True) as session:
            return session.execute(sql.replace(_COLUMNS, _ON_POSTGRES).replace("shop.raw", "raw")).fetchall()


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    started = new_server()
    started.start(fsync=False)
    yield started
    started.remove()


def same(name: str, value: Value, found: str | None) -> bool:
    """Whether what the table holds is what was written."""
    expected = value.exact
    if expected is MISSING:
        written = value.written.decode()
        if name == "doc":
            return found is not None and documents(found) == documents(written)
        return bool(found == json.loads(written))
    if isinstance(expected, Decimal):
        return found is not None and Decimal(found) == expected
    if isinstance(expected, dict):
        return found is not None and json.loads(found) == expected
    return bool(found == expected)


def documents(text: str) -> object:
    """A document's content, its numbers exact; of a doubled member the last. Deep ones are compared as text."""
    if text.count("[") > 500:
        return text.replace(" ", "")
    return json.loads(text, parse_float=Decimal)


def check(record: Emitted, row: tuple[Any, ...]) -> None:
    _, *stored, noted = row
    changes = json.loads(noted)
    changed = {change["field"] for change in changes}
    others = [change["field"] for change in changes if change["reason"] == UNDECLARED]
    assert sorted(others) == sorted(record.others), f"left out of {record.line!r}"
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
        read = records if whole else halves[attempt - 1]
        item = result.items["shop/users#table"]
        assert item.rows == len(read)
        told = dict(Counter(name for record in read for name in record.others))
        assert item.facts.get("undeclared") == (json.dumps(told, sort_keys=True) if told else None)
    copies = 2 if sync_mode == "full_refresh_append" else 1
    rows = shop.ask(f"SELECT {_COLUMNS} FROM shop.raw.users ORDER BY id")
    assert len(rows) == count * copies
    for place, row in enumerate(rows):
        check(records[place // copies], row)


@pytest.mark.slow
@pytest.mark.parametrize("sync_mode", MODES)
def test_hostile_records(sync_mode: str, tmp_path: Path) -> None:
    survive(Replay(tmp_path, sync_mode, FIELDS), sync_mode, seed=len(sync_mode), count=400)


@pytest.mark.slow
@pytest.mark.parametrize("sync_mode", MODES)
def test_hostile_records_on_postgres(sync_mode: str, tmp_path: Path, server: PostgresServer) -> None:
    survive(OnPostgres(tmp_path, sync_mode, server.url()), sync_mode, seed=len(sync_mode), count=400)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sync_mode", MODES)
def test_many_hostile_records_on_postgres(
    sync_mode: str, seed: int, tmp_path: Path, server: PostgresServer
) -> None:
    survive(OnPostgres(tmp_path, sync_mode, server.url()), sync_mode, seed=100 + seed, count=2_000)


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


@pytest.mark.slow
@pytest.mark.parametrize("at", ["null", "1e30", None])
def test_a_record_without_a_time_replaces_the_one_before_it(
    at: str | None, tmp_path: Path, server: PostgresServer
) -> None:
    """It had no time of extraction, was taken for older than what it replaced, and was gone."""
    places = [tmp_path / "duckdb", tmp_path / "postgres"]
    for place in places:
        place.mkdir()
    mode = "incremental_append_dedup"
    for shop in (Replay(places[0], mode, FIELDS), OnPostgres(places[1], mode, server.url())):
        timed = ', "emitted_at": 1767268800000'
        untimed = "" if at is None else f', "emitted_at": {at}'
        for text in ("old", "new"):
            line = line_of({"id": 1, "text": text})
            assert timed in line
            shop.read(line if text == "old" else line.replace(timed, untimed), state(1))
        assert [shop.bench.sync(attempt).outcome for attempt in (1, 2)] == [Outcome.SUCCESS] * 2
        found = shop.ask("SELECT text, _airbyte_extracted_at IS NOT NULL FROM shop.raw.users")
        assert found == [("new", True)]
