"""One state for all streams: a stream that is new, or whose table is gone, begins again, and no other one does."""

from __future__ import annotations

from pathlib import Path

import duckdb

from penstock.integration import Outcome
from tests.unit.penstock_airbyte.replays import FIELDS, Replay, record, whole_state


def two_streams(tmp_path: Path, *streams: str, mode: str = "incremental_append") -> Replay:
    shop = Replay(tmp_path)
    shop.catalog({"users": FIELDS, "buyers": FIELDS})
    shop.connection["streams"] = {name: {"sync_mode": mode} for name in streams}
    return shop


def test_a_stream_that_is_added_begins_alone(tmp_path: Path) -> None:
    shop = two_streams(tmp_path, "users")
    shop.read(record({"id": 1}), whole_state({"lsn": 1}, {"users": {"done": True}}))
    shop.read(
        record({"id": 7}, "buyers"), whole_state({"lsn": 2}, {"users": {"done": True}, "buyers": {"done": 1}})
    )
    assert shop.bench.sync(1).outcome is Outcome.SUCCESS
    shop.connection["streams"]["buyers"] = {"sync_mode": "incremental_append"}
    assert shop.bench.sync(2).outcome is Outcome.SUCCESS
    (given,) = shop.given(1)
    assert given["global"] == {
        "shared_state": {"lsn": 1},
        "stream_states": [{"stream_descriptor": {"name": "users"}, "stream_state": {"done": True}}],
    }
    assert (shop.rows("id"), shop.rows("id", "buyers")) == ([(1,)], [(7,)])


def test_a_table_that_was_dropped_begins_alone(tmp_path: Path) -> None:
    shop = two_streams(tmp_path, "users", "buyers")
    states = {"users": {"done": 1}, "buyers": {"done": 2}}
    shop.read(record({"id": 1}), record({"id": 7}, "buyers"), whole_state({"lsn": 1}, states))
    shop.bench.sync(1)
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("DROP TABLE shop.raw.buyers")
    shop.bench.sync(2)
    (given,) = shop.given(1)
    assert given["global"] == {
        "shared_state": {"lsn": 1},
        "stream_states": [{"stream_descriptor": {"name": "users"}, "stream_state": {"done": 1}}],
    }


def test_a_full_refresh_in_between_takes_its_stream_out(tmp_path: Path) -> None:
    shop = two_streams(tmp_path, "users", "buyers")
    states = {"users": {"done": 1}, "buyers": {"done": 2}}
    shop.read(record({"id": 1}), record({"id": 7}, "buyers"), whole_state({"lsn": 1}, states))
    shop.connection["streams"]["buyers"] = {"sync_mode": "full_refresh_overwrite"}
    shop.bench.sync(1)
    shop.bench.sync(2)
    (given,) = shop.given(1)
    assert [part["stream_descriptor"]["name"] for part in given["global"]["stream_states"]] == ["users"]


def test_the_oldest_form_is_kept_by_the_streams_names(tmp_path: Path) -> None:
    shop = two_streams(tmp_path, "users")
    shop.read(record({"id": 1}), '{"type":"STATE","state":{"data":{"users":{"id":1}}}}\n')
    shop.bench.sync(1)
    shop.connection["streams"]["buyers"] = {"sync_mode": "incremental_append"}
    shop.read(record({"id": 7}, "buyers"))
    shop.bench.sync(2)
    assert shop.given(1) == {"users": {"id": 1}}
    assert shop.rows("id") == [(1,)]
