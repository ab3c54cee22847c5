"""`penstock airbyte`: one connection checked, discovered, its state shown and set, its streams cleared and read anew."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.tools.command import start
from tests.tools.connected import ID, NO_DBT, Estate

SCHEMA = {**ID, "u": {"type": "integer"}}
APPEND = {"sync_mode": "incremental_append"}


def table(*numbers: int) -> dict[str, Any]:
    rows = [{"id": number, "u": number} for number in numbers]
    return {"schema": SCHEMA, "key": ["id"], "cursor": "u", "rows": rows}


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    """Two incremental streams and one that is whole each time; synced once."""
    estate = Estate(tmp_path)
    tables = {"users": table(1, 2), "buyers": table(5), "notes": {"schema": ID, "rows": [{"id": 7}]}}
    estate.connect("shop", tables, streams={"users": APPEND, "buyers": APPEND, "notes": None})
    estate("run")
    return estate


def grown(estate: Estate, *users: int) -> None:
    """The source holds these users now, and what it held of the rest."""
    tables = json.loads((estate.root / "shop.json").read_text())
    estate.put("shop", {**tables, "users": table(*users)})


def numbers(estate: Estate, stream: str) -> list[int]:
    return [row[0] for row in estate.rows(f"shop.{stream}")]


def test_check_runs_the_connectors_own(estate: Estate) -> None:
    assert "table.py reaches its source" in estate("airbyte", "check", "shop").out
    estate.connections["shop"]["source"]["config"]["deaf"] = "no such user"
    estate.write()
    found = estate("airbyte", "check", "ingest/shop", "--json", code=1).json()
    assert (found["ok"], found["check"]["message"]) == (False, "table.py: check failed: no such user")


def test_a_connection_that_is_not_there(estate: Estate) -> None:
    assert "no connection 'shpo'; did you mean 'shop'?" in estate("airbyte", "check", "shpo", code=2).err
    said = estate("airbyte", "clear", "shop", "user", "--yes", "shop", code=2).err
    assert "shop syncs no stream 'user'; did you mean 'users'?" in said


def test_discover_asks_now_and_shows_what_can_be_configured(estate: Estate) -> None:
    tables = json.loads((estate.root / "shop.json").read_text())
    estate.put("shop", {**tables, "brand_new": table()})
    streams = {one["name"]: one for one in estate("airbyte", "discover", "shop", "--json").json()["streams"]}
    new, users = streams["brand_new"], streams["users"]
    assert (new["modes"], new["source_key"], new["source_cursor"]) == (
        ["full_refresh", "incremental"],
        ["id"],
        "u",
    )
    assert (new["sync_mode"], new["fields"]) == (None, {"id": "integer", "u": "integer"})
    assert (users["sync_mode"], users["table"], users["cursor"]) == ("incremental_append", "users", "u")
    assert "brand_new" in estate("airbyte", "discover", "shop").out


def test_discover_helps_where_the_configuration_is_wrong(estate: Estate) -> None:
    estate.connections["shop"]["streams"] = {"usres": None}
    estate.write()
    done = estate("airbyte", "discover", "shop")
    assert "the source has no stream 'usres'" in done.err and "users" in done.out


def test_the_state_is_shown_and_set_as_airbyte_writes_it(estate: Estate) -> None:
    shown = estate("airbyte", "state", "shop").json()
    cursors = {one["stream"]["stream_descriptor"]["name"]: one["stream"]["stream_state"] for one in shown}
    assert cursors == {"users": {"cursor": 2}, "buyers": {"cursor": 5}}
    for one in shown:
        if one["stream"]["stream_descriptor"]["name"] == "users":
            one["stream"]["stream_state"] = {"cursor": 1}
    (estate.root / "state.json").write_text(json.dumps(shown))
    assert estate("airbyte", "state", "shop", "--set", "state.json").json() == shown
    estate("run")
    assert numbers(estate, "users") == [1, 2, 2], "it went on from where it was told"
    assert numbers(estate, "buyers") == [5]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("no json", "no Airbyte state"),
        ('[{"type": "STREAM"}]', "names no stream"),
        (
            '[{"type": "STREAM", "stream": {"stream_descriptor": {"name": "notes"}, "stream_state": {}}}]',
            "a state of 'notes', which shop does not read incrementally",
        ),
        (
            '[{"type": "GLOBAL", "global": {"stream_states": []}}, {"type": "STREAM", "stream":'
            ' {"stream_descriptor": {"name": "users"}, "stream_state": {}}}]',
            "stands alone",
        ),
    ],
)
def test_what_is_no_state_of_this_connection_is_refused(state: str, said: str, estate: Estate) -> None:
    before = estate("airbyte", "state", "shop").out
    (estate.root / "state.json").write_text(state)
    assert said in estate("airbyte", "state", "shop", "--set", "state.json", code=2).err
    assert estate("airbyte", "state", "shop").out == before


def test_clear_empties_what_is_named_when_the_name_is_typed(estate: Estate) -> None:
    for yes in ([], ["--yes", "users"]):
        assert "nothing was cleared" in estate("airbyte", "clear", "shop", "users", *yes, code=2).err
    assert numbers(estate, "users") == [1, 2]
    done = estate("airbyte", "clear", "shop", "users", "--yes", "shop")
    assert done.out.splitlines() == ["w.shop.users: 2 rows removed"]
    assert (numbers(estate, "users"), numbers(estate, "buyers")) == ([], [5])
    assert len(estate("airbyte", "state", "shop").json()) == 1
    estate("run")
    assert (numbers(estate, "users"), numbers(estate, "buyers")) == ([1, 2], [5])
    estate("airbyte", "clear", "shop", "--yes", "shop")
    assert [numbers(estate, stream) for stream in ("users", "buyers", "notes")] == [[], [], []]
    assert estate("airbyte", "state", "shop").json() == []


def test_refresh_reads_a_stream_from_its_beginning_and_doubles_nothing(estate: Estate) -> None:
    grown(estate, 2, 3)
    done = estate("airbyte", "refresh", "shop", "users")
    assert numbers(estate, "users") == [2, 3], "what the source has no more is gone"
    assert numbers(estate, "buyers") == [5], "others are synced as always"
    assert "3 success" in done.out
    grown(estate, 2, 3, 4)
    estate("run")
    assert numbers(estate, "users") == [2, 3, 4], "it goes on from the state that the refresh left"


def test_a_refresh_that_fails_leaves_table_and_state(estate: Estate) -> None:
    state = estate("airbyte", "state", "shop").out
    grown(estate, 2, 3)
    config = estate.connections["shop"]["source"]["config"]
    config.update(fail_after=1, error="no more", state_every=1)
    estate.write()
    estate("airbyte", "refresh", "shop", "users", code=1)
    assert numbers(estate, "users") == [1, 2]
    assert estate("airbyte", "state", "shop").out == state
    del config["fail_after"]
    estate.write()
    estate("retry")
    assert numbers(estate, "users") == [2, 3], "a retry of a refresh is a refresh"


def test_one_state_for_all_streams_goes_back_whole_or_not_at_all(estate: Estate) -> None:
    estate.connections["shop"]["source"]["config"]["whole"] = True
    estate.connections["shop"]["streams"] = {"users": APPEND, "buyers": APPEND}
    estate.write()
    grown(estate, 1, 2, 3)
    estate("run")
    for command in (["clear", "shop", "users", "--yes", "shop"], ["refresh", "shop", "users"]):
        done = estate("airbyte", *command, code=1 if "refresh" in command else 2)
        assert "keeps one state for all its streams" in done.err + done.out
    estate("airbyte", "refresh", "shop")
    assert (numbers(estate, "users"), numbers(estate, "buyers")) == ([1, 2, 3], [5])


def test_nothing_is_set_back_under_a_sync_that_goes_on(estate: Estate) -> None:
    grown(estate, *range(1, 200))
    estate.connections["shop"]["source"]["config"].update(pause=0.5, state_every=10)
    estate.write()
    running = start(estate.root, "run", env=NO_DBT)
    try:
        assert running.stdout is not None
        assert any("reading" in line for line in running.stdout)
        said = estate("airbyte", "clear", "shop", "--yes", "shop", code=2).err
        assert "is syncing shop" in said
    finally:
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
