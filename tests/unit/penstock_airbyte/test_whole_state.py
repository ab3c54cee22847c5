"""One state for all streams: a stream that is new, or whose table is gone, begins again, and no other one does."""

from __future__ import annotations

from pathlib import Path

import duckdb
import msgspec
import pytest

from penstock.integration import ItemFinished, Outcome
from penstock_airbyte.whole import apart, goes_on
from penstock_manifests.airbyte import State
from tests.unit.penstock_airbyte.replays import FIELDS, Replay, record, state, warnings, whole_state


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


def test_a_stream_that_a_state_for_all_leaves_out_comes_a_second_time_and_is_told(tmp_path: Path) -> None:
    shop = two_streams(tmp_path, "users", "buyers")
    shop.read(record({"id": 1}), record({"id": 7}, "buyers"), whole_state({"lsn": 1}, {"users": {"done": 1}}))
    shop.read(record({"id": 7}, "buyers"), whole_state({"lsn": 2}, {"users": {"done": 1}}))
    assert warnings(shop.bench.sync(1)) == []
    (warning,) = warnings(shop.bench.sync(2))
    assert warning.startswith("buyers: nothing is kept of where its source was, and its table has rows")
    assert shop.rows("id", "buyers") == [(7,), (7,)]


@pytest.mark.parametrize(
    "before",
    [
        '{"type":"STATE","state":{"data":{"users":{"id":1},"buyers":{"id":1}}}}\n',
        whole_state({}, {"users": {"id": 1}, "buyers": {"id": 1}}),
    ],
    ids=["LEGACY", "GLOBAL"],
)
def test_a_stream_that_is_silent_when_others_get_their_own_state_keeps_its_part(
    before: str, tmp_path: Path
) -> None:
    """It was left without one: the next sync began it, and added its rows again."""
    shop = two_streams(tmp_path, "users", "buyers")
    shop.read(record({"id": 1}), record({"id": 1}, "buyers"), before)
    shop.read(record({"id": 2}), state(2))
    shop.read(state(2))
    results = [shop.bench.sync(attempt) for attempt in (1, 2, 3)]
    assert [result.outcome for result in results] == [Outcome.SUCCESS] * 3
    given = {
        part["stream"]["stream_descriptor"]["name"]: part["stream"]["stream_state"] for part in shop.given(2)
    }
    assert given == {"users": {"id": 2}, "buyers": {"id": 1}}
    assert warnings(results[2]) == []


def test_a_place_that_cannot_be_told_apart_is_not_given_up(tmp_path: Path) -> None:
    """Neither state would do: without the one for all `buyers` begins again, with it `users` goes back."""
    shop = two_streams(tmp_path, "users", "buyers")
    before = whole_state({"lsn": 1}, {"users": {"done": 1}, "buyers": {"done": 1}})
    shop.read(record({"id": 1}), record({"id": 1}, "buyers"), before)
    shop.read(record({"id": 2}), state(2))
    shop.read(record({"id": 2}), state(2), state(1, "buyers"))
    results = [shop.bench.sync(attempt) for attempt in (1, 2, 3)]
    assert [result.outcome for result in results] == [Outcome.SUCCESS, Outcome.ERROR, Outcome.SUCCESS]
    assert shop.given(2)[0]["type"] == "GLOBAL"
    assert (shop.rows("id"), shop.rows("id", "buyers")) == ([(1,), (2,)], [(1,)])
    (told,) = {event.message for event in results[1].events if isinstance(event, ItemFinished)}
    assert told == (
        "the source kept one state for all its streams, keeps one for each now, and has sent none of buyers: it"
        " would begin again; penstock airbyte refresh shop reads all of them anew"
    )


_OWN_1 = '"stream_states":[{"stream_descriptor":{"name":"users"},"stream_state":{"id":1}}]}}'


@pytest.mark.parametrize(
    ("whole", "own"),
    [
        ('{"type":"GLOBAL","global":{"shared_state":{"lsn":1}}}', None),
        ('{"type":"GLOBAL","global":{"stream_states":[{"stream_descriptor":{"name":"users"}}]}}', None),
        ('{"type":"GLOBAL","global":{"shared_state":{"lsn":1},' + _OWN_1, None),
        ('{"type":"GLOBAL","global":{' + _OWN_1, '{"id":1}'),
        ('{"type":"LEGACY","data":{"users":{"id":1},"buyers":{"id":2}}}', '{"id":1}'),
        ('{"type":"LEGACY","data":{"buyers":{"id":2}}}', None),
        ('{"type":"LEGACY","data":{"users":7}}', None),
        ('{"type":"LEGACY","data":[1]}', None),
    ],
)
def test_what_a_state_for_all_streams_says_of_one_alone(whole: str, own: str | None) -> None:
    found = apart(
        msgspec.json.decode(whole, type=State), lambda name, _namespace: name if name == "users" else None
    )
    assert (found and bytes(found).decode()) == own


_OTHER = '"stream_states":[{"stream_descriptor":{"name":"buyers"},"stream_state":{"id":1}}]}}'
_OWN = '"stream_states":[{"stream_descriptor":{"name":"users"},"stream_state":null}]}}'


@pytest.mark.parametrize(
    ("state", "known"),
    [
        ('{"type":"GLOBAL","global":{"shared_state":{"lsn":1}}}', True),
        ('{"type":"GLOBAL","global":{"shared_state":{"lsn":1},"stream_states":[]}}', True),
        ('{"type":"GLOBAL","global":{"shared_state":{"lsn":1},' + _OTHER, False),
        ('{"type":"GLOBAL","global":{"shared_state":{"lsn":1},' + _OWN, True),
        ('{"type":"GLOBAL","global":{"shared_state":null,' + _OWN, False),
        ('{"type":"GLOBAL","global":{"shared_state":{}}}', False),
        ('{"type":"LEGACY","data":{"users":{"id":1}}}', True),
        ('{"type":"LEGACY","data":{"buyers":{"id":1}}}', False),
        ('{"type":"LEGACY","data":{"since":"2026-01-01"}}', True),
        ('{"type":"LEGACY","data":{}}', False),
        ('{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":{"id":0}}}', True),
        ('{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":null}}', False),
        ('{"type":"STREAM","stream":{"stream_descriptor":{"name":"users"},"stream_state":{}}}', False),
    ],
)
def test_whether_a_source_goes_on_with_a_stream(state: str, known: bool) -> None:
    """A state that names no stream is of all of them: a change log's place. One that names others has nothing of this one."""

    def users(name: str, _namespace: str | None) -> str | None:
        return name if name == "users" else None

    def both(name: str, _namespace: str | None) -> str | None:
        return name if name in ("users", "buyers") else None

    assert goes_on(msgspec.json.decode(state, type=State), users, both) is known
