"""Fields that a source sends and does not declare: no column takes them, and the row, the sync and its log say so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from penstock.integration import UNDECLARED, LogLine, Outcome
from tests.unit.penstock_airbyte.replays import FIELDS, Replay, of, record, state

GONE = {"change": "NULLED", "reason": UNDECLARED}


def warnings(shop: Replay, attempt: int = 1) -> list[str]:
    bench = shop.bench
    result = bench.sync(attempt)
    assert result.outcome is Outcome.SUCCESS, result.message
    return [one.message for one in result.events if isinstance(one, LogLine) and one.level == "warn"]


def test_a_field_that_is_not_declared_is_noted_and_told(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    plain = "".join(record({"id": number, "name": "n"}) for number in range(10, 400))
    shop.read(
        plain,
        of('{"id":1,"nick":"a"}'),
        record({"id": 2, "nick": {"deep": [1]}, "Name": "b", "age": None}),
        of('{"id":3,"name":"cut \\ud83d","nick":NaN}'),
        record({"id": 4, "nick": 1}, meta={"changes": [{"field": "own", **GONE}]}),
        state(400),
    )
    result = shop.bench.sync()
    assert result.outcome is Outcome.SUCCESS
    assert shop.changes() == {
        1: [{"field": "nick", **GONE}],
        2: [{"field": "nick", **GONE}, {"field": "Name", **GONE}],
        3: [{"field": "name", "change": "TRUNCATED", "reason": "SOURCE_SERIALIZATION_ERROR"}],
        4: [{"field": "own", **GONE}, {"field": "nick", **GONE}],
    }
    item = result.items["shop/users#table"]
    assert item.message is not None and "does not declare them: nick (3 rows), Name (1 row)" in item.message
    told = [one.message for one in result.events if isinstance(one, LogLine) and one.level == "warn"]
    assert len(told) == 1 and "nick (3 rows)" in told[0] and "penstock refresh" in told[0]


@pytest.mark.parametrize("count", [1, 300])
def test_a_stream_that_declares_nothing_and_sends_something_fails(tmp_path: Path, count: int) -> None:
    shop = Replay(tmp_path, "full_refresh_overwrite")
    shop.catalog({"users": {}})
    catalog = json.loads((tmp_path / "catalog.json").read_text())
    del catalog[0]["source_defined_primary_key"], catalog[0]["default_cursor_field"]
    (tmp_path / "catalog.json").write_text(json.dumps(catalog))
    shop.read(*[record({"x": 1})] * count)
    shop.read(*[record({"x": None})] * count)
    result = shop.bench.sync()
    assert result.outcome is Outcome.ERROR
    assert result.message is not None and "declares no field of 'users'" in result.message
    assert shop.bench.sync(2).outcome is Outcome.SUCCESS
    assert shop.ask("SELECT count(*) FROM shop.raw.users") == [(count,)]


def test_a_field_that_nobody_asked_for_is_no_loss(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.connection["streams"]["users"]["fields"] = ["id"]
    shop.read(record({"id": 1, "name": "a"}), record({"id": 2, "doc": {"a": 1}}), state(2))
    assert warnings(shop) == []
    assert shop.changes() == {} and shop.rows("id") == [(1,), (2,)]


def test_rows_of_two_streams_in_turns(tmp_path: Path) -> None:
    shop = Replay(tmp_path, "full_refresh_overwrite")
    shop.catalog({"users": FIELDS, "carts": {"id": {"type": "integer"}, "total": {"type": "number"}}})
    shop.connection["streams"]["carts"] = {"sync_mode": "full_refresh_overwrite"}
    turns = [record({"id": n, "name": "u"}) + record({"id": n, "total": 1}, "carts") for n in range(300)]
    shop.read(*turns, record({"id": 300, "name": "u"}, "carts"), *turns)
    told = warnings(shop)
    assert len(told) == 1 and told[0].startswith("carts: ") and "name (1 row)" in told[0]
    assert shop.ask("SELECT count(*) FROM shop.raw.users") == [(600,)]
    assert shop.ask("SELECT count(*) FROM shop.raw.carts") == [(601,)]


def test_names_that_are_data_are_named_up_to_a_hundred(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.read(record({"id": 1, **{f"k{n}": n for n in range(130)}}), state(1))
    told = warnings(shop)
    assert len(told) == 1 and "and more" in told[0]
    noted = shop.changes()[1]
    assert len(noted) == 101 and noted[-1]["field"] == "(30 more)"
