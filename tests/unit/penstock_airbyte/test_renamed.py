"""A connection with another name does not lose its state without a word, and can go on from it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from penstock.integration import LogLine
from tests.unit.penstock_airbyte.replays import FIELDS, Replay, record, state, warnings


def renamed(tmp_path: Path) -> Replay:
    shop = Replay(tmp_path)
    shop.read(record({"id": 1}), state(1))
    shop.read(record({"id": 2}), state(2))
    shop.bench.sync(1)
    shop.name = "store"
    return shop


def test_it_is_said_that_a_state_is_left_behind(tmp_path: Path) -> None:
    shop = renamed(tmp_path)
    (warning,) = warnings(shop.bench.sync(2, connection="store"))
    assert "tables that 'shop' has loaded, which is not in penstock.yml any more" in warning
    assert warning.endswith("airbyte.ingest.connections.store.renamed_from: shop")
    assert shop.given(1) is None
    assert warnings(shop.bench.sync(3, connection="store")) == []


def test_the_state_is_carried_over_once(tmp_path: Path) -> None:
    shop = renamed(tmp_path)
    shop.connection["renamed_from"] = "shop"
    assert warnings(shop.bench.sync(2, connection="store")) == []
    shop.bench.sync(3, connection="store")
    assert [shop.given(read)[0]["stream"]["stream_state"] for read in (1, 2)] == [{"id": 1}, {"id": 2}]


def test_two_connections_that_are_both_there_are_no_renaming(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.read(record({"id": 1}), state(1))
    assert warnings(shop.bench.sync(1)) == []
    assert [event for event in shop.bench.sync(2).texts(LogLine) if "renamed" in event] == []


def test_what_comes_a_second_time_is_told(tmp_path: Path) -> None:
    """The state was lost, or was of another cursor: everything is read again, into a table that has rows."""
    shop = Replay(tmp_path)
    shop.read(record({"id": 1}))
    shop.read(record({"id": 1}), state(1))
    assert warnings(shop.bench.sync(1)) == []
    (warning,) = warnings(shop.bench.sync(2))
    assert warning.startswith("users: nothing is kept of where its source was, and its table has rows")
    assert warning.endswith("penstock airbyte refresh shop loads it once")
    assert shop.rows("id") == [(1,), (1,)]
    assert warnings(shop.bench.sync(3)) == []


def test_another_key_is_told_once(tmp_path: Path) -> None:
    shop = Replay(tmp_path, "incremental_append_dedup")
    shop.read(record({"id": 1, "name": "a"}), record({"id": 1, "name": "b"}), state(1))
    assert warnings(shop.bench.sync(1)) == []
    shop.connection["streams"]["users"]["primary_key"] = ["id", "name"]
    (warning,) = warnings(shop.bench.sync(2))
    assert warning.startswith(
        "users: its key was id and is id, name: rows that were merged by the old one stay"
    )
    assert warnings(shop.bench.sync(3)) == []


def test_one_warning_hides_no_other(tmp_path: Path) -> None:
    shop = Replay(tmp_path)
    shop.catalog({"users": FIELDS, "buyers": FIELDS})
    shop.read(record({"id": 1}), state(1))
    shop.bench.sync(1)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("CREATE TABLE shop.raw.buyers AS SELECT 1 AS id")
    shop.name = "store"
    shop.connection["streams"]["buyers"] = {"sync_mode": "incremental_append"}
    left, second, *_new_columns = warnings(shop.bench.sync(2, connection="store"))
    assert left.endswith("connections.store.renamed_from: shop")
    assert second.startswith("buyers: nothing is kept of where its source was, and its table has rows")
