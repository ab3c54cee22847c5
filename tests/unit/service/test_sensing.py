"""Sensors over real files and a real DuckDB file: what is an event, what is none, and what is said of bad input."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from penstock.assets import AssetKey
from penstock.errors import ConfigError
from penstock.run import create_run
from penstock.service import inbox
from penstock.service.inuse import wait_for_looks
from penstock.service.sensing import Sensing, sensors
from penstock.service.signatures import Sent
from penstock.service.workspace import Workspace, open_workspace
from penstock.store import RunStore, open_store
from penstock.system.locks import locked
from tests.tools.scripted import asset, plan

Make = Callable[..., "Place"]


class Place:
    """A project with one sensor `seen`, and its inbox."""

    def __init__(self, root: Path, store: RunStore, workspace: Workspace) -> None:
        self.root, self.store, self.workspace = root, store, workspace
        self.said: list[tuple[str, str]] = []
        self._sensing = Sensing(
            workspace, store, workspace.project.events, lambda word, what: self.said.append((word, what))
        )

    def look(self) -> None:
        self._sensing._due.clear()
        self._sensing.once()

    def events(self) -> list[tuple[str, Any]]:
        found = reversed(self.store.inbox(self.workspace.project.environment).latest(100))
        return [(one.kind, json.loads(one.body)) for one in found]

    def write(self, name: str, text: str, ago: float = 60.0) -> None:
        file = self.root / "in" / name
        file.write_text(text)
        os.utime(file, (time.time() - ago,) * 2)

    def sql(self, *statements: str) -> None:
        with duckdb.connect(str(self.root / "shop.duckdb")) as connection:
            for one in statements:
                connection.execute(one)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[RunStore] = []

    def _make(**sensor: Any) -> Place:
        (tmp_path / "in").mkdir()
        (tmp_path / "penstock.yml").write_text(
            json.dumps(
                {
                    "name": "shop",
                    "warehouses": {"main": {"type": "duckdb", "path": "shop.duckdb"}},
                    "events": {"seen": sensor},
                }
            )
        )
        workspace = open_workspace(tmp_path)
        workspace.state_dir  # noqa: B018  # makes the folder
        store = open_store(workspace.project.store_url(), root=tmp_path)
        made.append(store)
        return Place(tmp_path, store, workspace)

    yield _make
    for store in made:
        store.close()


def test_files_that_appear_or_change_are_told_once(make: Make) -> None:
    place = make(type="files", path="in/*.csv")
    place.write("old.csv", "a")
    place.look()
    place.write("new.csv", "ab")
    place.write("other.txt", "a")
    place.look()
    place.look()
    assert place.events() == [("appeared", {"path": "in/new.csv", "size": 2})]
    place.write("old.csv", "longer", ago=30.0)
    place.look()
    assert place.events()[1:] == [("changed", {"path": "in/old.csv", "size": 6})]
    assert place.said == [("event", "seen: 1 new"), ("event", "seen: 1 new")]


def test_a_file_that_is_being_written_is_not_there_yet(make: Make) -> None:
    place = make(type="files", path="in/*.csv")
    place.look()
    place.write("new.csv", "half", ago=-30.0)
    place.look()
    assert place.events() == []
    place.write("new.csv", "whole", ago=30.0)
    place.look()
    assert place.events() == [("appeared", {"path": "in/new.csv", "size": 5})]


def test_folders_appear_too(make: Make) -> None:
    place = make(type="files", path="in/*/")
    place.look()
    (place.root / "in" / "2026-11-28").mkdir()
    os.utime(place.root / "in" / "2026-11-28", (time.time() - 60,) * 2)
    place.write("no-folder.csv", "a")
    place.look()
    assert [body["path"] for _, body in place.events()] == ["in/2026-11-28/"]


def test_a_value_of_the_warehouse_that_changes(make: Make) -> None:
    place = make(type="value", query="select max(n) from numbers")
    place.sql("create table numbers as select 1 as n")
    place.look()
    place.look()
    assert place.events() == []
    place.sql("insert into numbers values (5)")
    place.look()
    place.sql("delete from numbers where n = 5")
    place.look()
    assert place.events() == [
        ("changed", {"value": "5", "before": "1"}),
        ("changed", {"value": "1", "before": "5"}),
    ]


def test_rows_of_the_warehouse_that_appear(make: Make) -> None:
    place = make(type="rows", query="select id, state from loads where state = 'done'", warehouse="main")
    place.sql("create table loads as select 1 as id, 'done' as state")
    place.look()
    place.sql("insert into loads values (2, 'going'), (3, 'done')")
    place.look()
    place.sql("update loads set state = 'done'")
    place.look()
    assert [body["row"] for _, body in place.events()] == ["3 done", "2 done"]


def test_nobody_looks_into_a_file_that_a_run_will_open(make: Make) -> None:
    """Between two steps nothing is leased, and dbt does not wait for a file that somebody reads."""
    place = make(type="value", query="select max(n) from t", every="1s")
    place.sql("create table t as select 1 as n")
    place.look()
    item = asset("t")
    here = msgspec.structs.replace(item, key=AssetKey("duckdb:shop.duckdb", "shop.main.t"))
    run = create_run(place.store, plan(here))
    place.sql("insert into t values (2)")
    place.look()
    assert place.events() == [] and place.said == []
    with locked(place.workspace.state_dir / "look.lock"):
        begins = threading.Thread(target=wait_for_looks, args=(place.workspace,))
        begins.start()
        begins.join(0.05)
        assert begins.is_alive()
    begins.join()
    with place.store._database.write() as connection:
        connection.exec_driver_sql("UPDATE runs SET state = 'succeeded', ended_at = 1.0")
    assert run.number == 1
    place.look()
    assert [body["value"] for _, body in place.events()] == ["2"]


def test_what_goes_wrong_is_said_once_and_until_it_is_well(make: Make) -> None:
    place = make(type="value", query="select max(n) from numbers")
    place.look()
    place.look()
    assert [what for _, what in place.said] == ["events: seen: the DuckDB file does not exist yet"]
    place.sql("create table other as select 1 as n")
    place.look()
    assert "numbers" in place.said[1][1] and "\n" not in place.said[1][1]
    place.sql("create table numbers as select 1 as n")
    place.look()
    place.sql("drop table numbers")
    place.look()
    assert len(place.said) == 3 and place.said[1] == place.said[2]


def test_a_query_cannot_write(make: Make) -> None:
    place = make(type="value", query="copy (select 1) to 'written.csv'")
    place.sql("create table numbers as select 1 as n")
    place.look()
    assert place.said == [("trouble", "events: seen: it is not one query")]
    assert not (place.root / "written.csv").exists()


def test_a_folder_that_is_not_there_is_said(make: Make) -> None:
    place = make(type="files", path="out/*.csv")
    place.look()
    assert place.said == [("trouble", f"events: seen: there is no folder {place.root / 'out'}")]


def test_nobody_can_tell_in_the_name_of_a_sensor(make: Make) -> None:
    place = make(type="files", path="in/*.csv")
    with pytest.raises(inbox.Unknown):
        inbox.receive(place.workspace, lambda: place.store, "seen", Sent(headers={}, body=b"{}"))


@pytest.mark.parametrize(
    ("sensor", "words"),
    [
        ({"type": "files"}, "type files needs a path"),
        ({"type": "files", "path": "s3://bucket/*"}, "is no path of this machine"),
        ({"type": "files", "path": "in/*", "query": "select 1"}, "type files has no query"),
        ({"type": "files", "path": "in/*", "every": "often"}, "'often' is no length of time"),
        ({"type": "files", "path": "in/*", "every": "10ms"}, "'10ms' is no length of time"),
        ({"type": "value"}, "type value needs a query"),
        ({"type": "value", "query": "select 1", "warehouse": "mian"}, "did you mean 'main'?"),
        ({"type": "rows", "query": "select 1", "secret": "x" * 20}, "type rows has no secret"),
    ],
)
def test_bad_sensors_are_one_line_with_their_place(make: Make, sensor: dict[str, Any], words: str) -> None:
    place = make(**sensor)
    with pytest.raises(ConfigError) as wrong:
        sensors(place.workspace, place.workspace.project.events())
    assert words in str(wrong.value) and "penstock.yml:" in str(wrong.value)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"type": "token", "token": "x" * 20, "path": "in/*"}, "tells by itself, and has no path"),
        ({"type": "file", "path": "in/*"}, "did you mean 'files'?"),
    ],
)
def test_who_tells_by_itself_is_not_looked_at(make: Make, event: dict[str, Any], words: str) -> None:
    place = make(**event)
    with pytest.raises(ConfigError, match=r"penstock\.yml:") as wrong:
        inbox.sources(place.workspace)
    assert words in str(wrong.value)
