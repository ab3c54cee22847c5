"""Connections from the command line: each with its own outcome, left and found again, asked again when that is wanted."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from penstock.service.observe import look
from penstock.service.snapshot import Index
from penstock.service.workspace import open_workspace
from tests.tools.command import start
from tests.tools.connected import ID, NO_DBT, TABLE, Estate

# $0 is the file that it waits for, $1 the interpreter, $2 -S, $3 the connector, $4 what it is asked.
SLOW_START = 'while [ "$4" = read ] && [ ! -e "$0" ]; do sleep 0.05; done; exec "$@"'


AWAY = {"type": "postgres", "host": "127.0.0.1", "port": 1, "dbname": "d", "user": "u", "password": "p", "schema": "s"}  # fmt: skip


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    return Estate(tmp_path)


def test_a_connection_that_is_wrong_stops_no_other(estate: Estate) -> None:
    estate.connect("good", {"things": {"schema": ID, "rows": [{"id": 1}]}})
    estate.connect("odd", {"others": {"schema": ID, "rows": []}}, streams={"gone": None})
    estate.settings["warehouses"]["away"] = AWAY
    estate.connect("deaf", {})
    (estate.root / "deaf.json").unlink()
    planned = estate("plan")
    assert "warehouse/away: not read: PostgreSQL at 127.0.0.1:1/d: nothing listens there" in planned.err
    assert "odd: airbyte.ingest.connections.odd.streams.gone: the source has no stream 'gone'" in planned.err
    assert "deaf: " in planned.err
    done = estate("run", code=1)
    assert estate.rows("good.things") == [(1,)]
    assert "1 success, 2 error" in done.out + done.err
    assert "nothing listens there" in estate("refresh", code=1).err  # who asks for it is told
    estate("run", "-s", "good.things")
    estate("run", "-s", "connection:good")
    estate("run", "-s", "connection:deaf", code=1)
    estate.put("deaf", {"things": {"schema": ID, "rows": [{"id": 2}]}})
    estate("retry", code=0)
    assert estate.rows("deaf.things") == [(2,)]


def test_what_a_source_does_not_declare_is_told_wherever_it_is_looked_for(estate: Estate) -> None:
    estate.connect("shop", {"things": {"schema": ID, "rows": [{"id": 1, "n": "a"}, {"id": 2}]}})
    told = "the source does not declare them: n (1 row)"
    done = estate("run")
    assert told in " ".join((done.out + done.err).split())
    for command in (["status"], ["runs", "1"], ["logs", "1"]):
        said = estate(*command)
        assert told in " ".join((said.out + said.err).split()), command


def test_a_connector_that_is_left_while_it_starts_finds_its_configuration(estate: Estate) -> None:
    estate.connect("slow", {"things": {"schema": ID, "rows": [{"id": 1}]}})
    starts = estate.root / "starts"
    python = [sys.executable, "-S", str(TABLE)]
    estate.connections["slow"]["source"]["command"] = ["sh", "-c", SLOW_START, str(starts), *python]
    estate.write()
    running = start(estate.root, "run", env=NO_DBT)
    assert running.stdout is not None and running.stderr is not None
    assert any("reading" in line for line in running.stdout), running.stderr.read()
    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 3, out + err
    assert list(estate.root.glob(".penstock/runs/**/config.json"))
    starts.touch()
    estate("run", "--resume")
    assert estate.rows("slow.things") == [(1,)]
    assert not list(estate.root.glob(".penstock/runs/**/config.json"))


@pytest.mark.parametrize("how", [["refresh"], ["run", "--refresh"]])
def test_what_is_asked_again_is_discovered_again(how: list[str], estate: Estate) -> None:
    """The cursor moves on with every sync: a column that is not seen in time is empty for ever."""
    table: dict[str, Any] = {"schema": {**ID, "u": {"type": "integer"}}, "key": ["id"], "cursor": "u"}
    streams = {"things": {"sync_mode": "incremental_append_dedup"}}
    estate.connect("shop", {"things": {**table, "rows": [{"id": 1, "u": 1}]}}, streams=streams)
    estate("run")
    wider = {**table, "schema": {**table["schema"], "n": {"type": "string"}}}
    estate.put("shop", {"things": {**wider, "rows": [{"id": 1, "u": 1}, {"id": 2, "u": 2, "n": "new"}]}})
    estate(*how)
    estate("run")
    assert estate.rows("shop.things", "id, n") == [(1, None), (2, "new")]


def test_streams_are_discovered_again_when_they_are_old_and_a_run_loads_them(
    estate: Estate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PENSTOCK_CACHE_DIR", NO_DBT["PENSTOCK_CACHE_DIR"])
    estate.connect("shop", {"things": {"schema": ID, "rows": []}})
    estate("run")
    with duckdb.connect(str(estate.root / "w.duckdb")) as connection:
        connection.execute("create table by_hand as select 1 as id")
    estate.put("shop", {"things": {"schema": ID, "rows": []}, "buyers": {"schema": ID, "rows": []}})
    assert "buyers" not in estate("plan").out, "they are young"
    index = next(estate.root.glob(".penstock/snapshot/*/index.msgpack"))
    seen = msgspec.msgpack.decode(index.read_bytes(), type=Index)
    part, (inputs, *_) = "airbyte/ingest", seen.entries["airbyte/ingest"].stamps or ()
    os.utime(inputs[0], (1, 1))
    assert "buyers" not in estate("assets").out, "a reading command starts no connector"
    workspace = open_workspace(estate.root)
    told: list[dict[str, Any]] = [{"doubted": True}, {"spared": lambda name: name == part}]
    for spares in told:
        graph = look(workspace, may_call=True, **spares).graph
        assert not any("buyers" in graph.names.shown(key) for key in graph.assets), "nobody loads them"
    assert "buyers" not in estate("plan", "-s", "by_hand").out + estate("assets").out
    assert "buyers" in estate("plan").out


def test_doctor_checks_what_it_says_and_says_what_it_does_not_check(estate: Estate) -> None:
    for name in ("good", "deaf", "odd"):
        estate.connect(name, {"things": {"schema": ID, "rows": []}})
    estate.connections["deaf"]["source"]["config"].update(deaf="bad tk-12345678", token="tk-12345678")
    estate.connections["odd"]["source"]["config"]["state_every"] = "x"
    estate.connections["gone"] = {"source": {"command": ["no-such-connector"]}, "destination": "main"}
    estate.settings["executor"] = "dask://127.0.0.1:1"
    estate.settings["warehouses"]["away"] = AWAY
    estate.write()
    done = estate("doctor", code=1)
    lines = {line.split()[1].rstrip(":"): line for line in done.out.splitlines() if line[:5].strip()}
    assert lines["ingest/good"] == "ok     ingest/good: table.py reaches its source"
    assert lines["ingest/deaf"] == "WRONG  ingest/deaf: table.py: check failed: bad ****"
    assert "state_every: 'x' is not of type 'integer'" in lines["ingest/odd"]
    assert lines["ingest/gone"].startswith("WRONG")
    assert lines["executor"].startswith("WRONG") and "no Dask scheduler answers" in lines["executor"]
    assert lines["away"].startswith("WRONG") and "nothing listens there" in lines["away"]
    user = {"account": "a-b", "user": "u", "password": "p", "database": "d", "schema": "s"}
    estate.settings["warehouses"]["far"] = {"type": "snowflake", **user}
    estate.write()
    offline = estate("doctor", "--offline", "--json", code=1).json()
    by_name = {line["subject"]: line for line in offline["checks"]}
    assert (
        by_name["ingest/deaf"]["ok"]
        and by_name["ingest/deaf"]["unchecked"] == "its configuration, its source"
    )
    servers = [one for one in offline["checks"] if one["message"] in ("PostgreSQL", "Snowflake")]
    for told in (by_name["executor"], *servers):
        assert (told["ok"], told["unchecked"]) == (True, "whether it answers"), told
    assert len(servers) == 2
    assert not by_name["ingest/gone"]["ok"]


def test_a_warehouse_of_a_type_that_does_nothing_is_refused(estate: Estate) -> None:
    estate.settings["warehouses"]["cloud"] = {"type": "oracle", "host": "x"}
    estate.connect("shop", {"things": {"schema": ID, "rows": []}})
    for command in ("assets", "plan", "run"):
        said = estate(command, code=2).err
        assert "warehouse 'cloud': the type 'oracle' is not supported" in said
        assert "or the connection of a dbt project" in said and "duckdb" in said


def test_status_keeps_what_failed_apart_from_what_is_there(estate: Estate) -> None:
    estate.connect("shop", {"things": {"schema": ID, "rows": [{"id": 1}, {"id": 2}]}})
    estate("run")
    estate.put("shop", {"things": {"schema": ID, "rows": [{"id": 1}] * 9}})
    estate.connections["shop"]["source"]["config"].update(fail_after=5, error="no more")
    estate.write()
    estate("run", code=1)
    (state,) = [one for one in estate("status", "--json").json()["assets"] if one["kind"] == "table"]
    assert (state["outcome"], state["run"], state["rows"], state["by"]) == ("success", "1", 2, "penstock")
    assert (state["last_attempt"], state["attempt_run"], state["message"]) == ("error", "2", "no more")
    assert state["attempted_at"] >= state["made_at"]  # times of whole seconds
    header, row = estate("status").out.splitlines()[:2]
    cells = [row[header.index(name) :].split("  ")[0] for name in ("LAST TRY", "RUN", "ROWS")]
    assert cells == ["error", "2", "2"]


MANIFEST = """{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json", "adapter_type": "duckdb",
 "project_name": "p"}, "nodes": {}, "exposures": {}, "metrics": {}, "macros": {}, "docs": {}, "groups": {}, "selectors": {},
 "disabled": {}, "parent_map": {}, "child_map": {}, "group_map": {}, "saved_queries": {}, "semantic_models": {},
 "unit_tests": {}, "sources": {"source.p.shop.things": {"database": "w", "schema": "shpo", "name": "things",
 "resource_type": "source", "package_name": "p", "path": "m.yml", "original_file_path": "m.yml", "unique_id":
 "source.p.shop.things", "fqn": ["p", "shop", "things"], "source_name": "shop", "source_description": "", "loader": "",
 "identifier": "things", "relation_name": "\\"w\\".\\"shpo\\".\\"things\\""}}}"""


def test_a_typo_in_a_schema_is_said_where_one_looks(estate: Estate) -> None:
    (estate.root / "manifest.json").write_text(MANIFEST)
    estate.settings["dbt"] = {"p": {"manifest": "manifest.json", "warehouse": "main"}}
    estate.connect("shop", {"things": {"schema": ID, "rows": []}})
    estate("refresh")
    said = "nothing loads the sources things of shpo, and nothing reads the tables of these names that"
    assert said in estate("doctor", "--offline").out
    assert said in estate("plan").err
    assert said in estate("assets").err
    assert said in estate("plan", "-s", "connection:shop").err
