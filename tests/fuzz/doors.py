"""Every way in which something of somebody else's comes in: good examples of it, and what penstock does with it first."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import click

from penstock import registry
from penstock.assets import Observation
from penstock.errors import PenstockError
from penstock.graph import AssetGraph
from penstock.graph.select import read_selectors, select
from penstock.lineage import column_lineage
from penstock.project import load_project
from penstock.service.snapshot import Snapshot
from penstock.service.statement import statement_lineage
from penstock.store.database import database
from penstock.system.durations import seconds_of
from penstock.system.safe_yaml import load_yaml
from penstock_airbyte.connector import Connector
from penstock_airbyte.tail import Tail, TextTail
from penstock_dbt.config import DbtConfig
from penstock_dbt.integration import INTEGRATION as DBT
from penstock_dbt.jsonlog import JsonLog
from penstock_dbt.layout import layout_of
from penstock_dbt.profiles import connection_of
from penstock_dbt.records import read_record
from penstock_dbt.settings import settings_of
from penstock_manifests.errors import ManifestError
from tests.fixtures.artefacts import NEWEST, artefact
from tests.support import ROOT
from tests.unit.penstock_dbt_observe.observing import context, observed

Expected = (PenstockError, ManifestError, click.ClickException, click.exceptions.Exit, click.Abort)
SHOP = ROOT / "examples" / "shop"


class Door(NamedTuple):
    """`enter` does what penstock does with the bytes. `dear`: one costs so many of the others, and gets a smaller share."""

    name: str
    seeds: tuple[bytes, ...]
    enter: Callable[[bytes, Path], object]
    dear: int = 1


def doors(folder: Path) -> tuple[Door, ...]:
    """All of them. `folder` is one of its own, for what is read from files."""
    yaml_files = tuple((SHOP / name).read_bytes() for name in ("penstock.yml",))
    yaml_files += (PENSTOCK_YML, (ROOT / "tests/projects/leaky/penstock.yml").read_bytes())
    return (
        Door("penstock.yml", yaml_files, project_file, dear=2),
        Door("profiles.yml", (PROFILES, (SHOP / "transform/profiles.yml").read_bytes()), profiles, dear=2),
        Door("dbt_project.yml", ((SHOP / "transform/dbt_project.yml").read_bytes(), PACKAGES), dbt_project),
        Door("selectors.yml", (SELECTORS,), selectors_file),
        Door("manifest.json", (artefact(NEWEST, "manifest"),), document("manifest"), dear=20),
        Door("catalog.json", (artefact(NEWEST, "catalog"),), document("catalog"), dear=10),
        Door("run_results.json", (artefact(NEWEST, "run_results"),), document("run_results"), dear=10),
        Door("sources.json", (artefact(NEWEST, "sources"),), document("sources"), dear=10),
        Door("SQL", SQL, sql, dear=3),
        Door("a schema for SQL", (b"raw.orders: {id: int, total: numeric}\nusers: [id, name]\n",), schema),
        Door("a selector", tuple(word.encode() for word in SELECTS), selector),
        Door("--vars", (b"{start: 2024-01-01, n: 1}", b'{"a": [1, {"b": null}]}', b"a: 1\nb: x"), variables),
        Door("a connector's line", LINES, connector_line),
        Door("a connector's answer", LINES, connector_answer),
        Door("a connector's stderr", (b"Traceback\n  File x\nError: no\n", *LINES[:1]), connector_stderr),
        Door("dbt's JSON log", DBT_LOG, dbt_log),
        Door("an event of the dbt worker", DBT_EVENTS, dbt_event),
        Door("environment variables", (b"sqlite:///x.db", b"10m", b"12", b"prod"), environment, dear=2),
        Door("a store's URL", (b"sqlite:///.penstock/p.db", b"postgresql://u:p@h:5432/d?x=1"), store_url),
        Door("the snapshot", snapshot_seeds(folder), snapshot),
        Door("the graph as kept", (AssetGraph.merged([observed()])[1],), kept_graph),
        Door("command line", tuple("\0".join(words).encode() for words in COMMANDS), command_line, dear=8),
    )


# ---------------------------------------------------------------- what is put in

PENSTOCK_YML = b"""
{"name": "x", "refresh": "10m", "store": "sqlite:///x.db", "executor": "local", "pools": {"api": 2},
 "warehouses": {"main": {"type": "duckdb", "path": "x.duckdb"}, "other": {"dbt": "t"}},
 "environments": {"prod": {"dbt": {"t": {"target": "prod"}}}},
 "runs": {"retries": 2, "backoff": {"first": "1s", "factor": 2.0, "most": "1m", "jitter": 0.1}, "pools": {"api": 1},
          "timeouts": {"start": "1m", "total": "1h"}, "steps": {"airbyte/i": {"retries": 0}}},
 "airbyte": {"i": {"connections": {"c": {"source": {"command": ["true"], "config": {"a": "${HOME}"}}, "destination": "main",
             "schema": "raw", "streams": {"users": {"sync_mode": "incremental_append_dedup", "cursor": "u", "primary_key": ["id"]}}}}}},
 "dbt": {"t": {"project": "transform", "target": "dev", "vars": {"a": 1}, "threads": 2, "warm": "10m"}}}
"""
PROFILES = b"""
shop: &shop
  target: "{{ env_var('TARGET', 'dev') }}"
  outputs:
    dev: {type: duckdb, path: "../x.duckdb", threads: "{{ env_var('N', '2') | int }}"}
    prod: {type: postgres, host: h, port: 5432, user: "{{ env_var('HOME') }}", password: p, dbname: d, schema: s}
other: *shop
"""
PACKAGES = b"name: shop\nprofile: shop\nmodel-paths: [models]\ntarget-path: target\npackages: [{local: ../x}, {package: a/b}]\n"
SELECTORS = b"""
selectors:
  - name: nightly
    default: "{{ target.name == 'prod' }}"
    definition:
      union:
        - {method: tag, value: nightly, parents: true, parents_depth: 2}
        - intersection: ["customers+", {method: selector, value: other}]
        - exclude: [{method: fqn, value: "*"}]
  - {name: other, definition: "tag:x,path:models"}
"""
SQL = (
    b"with a as (select id, sum(x) over (partition by y order by z) s from raw.t) select a.*, b.c from a join b using (id)",
    b"merge into t using s on t.id = s.id when matched then update set x = s.y when not matched then insert (id) values (s.id)",
    b"select * from t pivot (sum(x) for y in ('a' as a, 'b' as b)) p cross join lateral flatten(input => p.v) f",
    b"create table x as select array_agg(struct(a, b)) from unnest([1,2]) u; insert into y select * exclude (z) from x",
    b"begin declare n int default 1; for r in (select * from t) do insert into u values (r.a); end for; end",
)
SELECTS = (
    "+customers+2,tag:nightly",
    "@orders 1+stg_orders+1",
    "path:models/marts/*.sql",
    "fqn:shop.marts.*",
    "column:orders.amount+",
    "resource_type:model",
    "config.meta.owner:x",
    "source:raw.*",
    "tool:dbt",
    "state:modified+",
    "selector:nightly",
    "test_type:generic",
    "package:this",
    "group:g",
    "version:latest",
)
LINES = tuple(
    json.dumps(message).encode() + b"\n"
    for message in (
        {
            "type": "RECORD",
            "record": {"stream": "s", "namespace": "n", "data": {"id": 1, "v": "x"}, "emitted_at": 1},
        },
        {
            "type": "STATE",
            "state": {
                "type": "STREAM",
                "stream": {"stream_descriptor": {"name": "s", "namespace": None}, "stream_state": {"c": "1"}},
                "sourceStats": {"recordCount": 1.0},
            },
        },
        {
            "type": "STATE",
            "state": {
                "type": "GLOBAL",
                "global": {
                    "shared_state": {"l": 1},
                    "stream_states": [{"stream_descriptor": {"name": "s"}, "stream_state": {}}],
                },
            },
        },
        {"type": "LOG", "log": {"level": "INFO", "message": "hello", "stack_trace": None}},
        {
            "type": "TRACE",
            "trace": {
                "type": "ERROR",
                "emitted_at": 1.5,
                "error": {
                    "message": "no",
                    "internal_message": "x",
                    "stack_trace": "y",
                    "failure_type": "config_error",
                },
            },
        },
        {
            "type": "TRACE",
            "trace": {
                "type": "STREAM_STATUS",
                "emitted_at": 1,
                "stream_status": {"stream_descriptor": {"name": "s"}, "status": "COMPLETE"},
            },
        },
        {
            "type": "CONTROL",
            "control": {"type": "CONNECTOR_CONFIG", "emitted_at": 1, "connectorConfig": {"config": {"a": 1}}},
        },
        {"type": "CONNECTION_STATUS", "connectionStatus": {"status": "SUCCEEDED", "message": "x"}},
        {
            "type": "SPEC",
            "spec": {
                "connectionSpecification": {"type": "object", "properties": {"a": {"airbyte_secret": True}}}
            },
        },
        {
            "type": "CATALOG",
            "catalog": {
                "streams": [
                    {
                        "name": "s",
                        "json_schema": {
                            "type": "object",
                            "properties": {"id": {"type": ["null", "integer"]}},
                        },
                        "supported_sync_modes": ["full_refresh", "incremental"],
                        "source_defined_primary_key": [["id"]],
                        "default_cursor_field": ["u"],
                    }
                ]
            },
        },
    )
)
DBT_LOG = tuple(
    json.dumps(line).encode()
    for line in (
        {
            "info": {"name": "NodeFinished", "level": "debug", "ts": "2026-01-01T00:00:00Z", "msg": "x"},
            "data": {
                "node_info": {"unique_id": "model.a.b", "node_status": "success"},
                "run_result": {
                    "status": "success",
                    "execution_time": 1.0,
                    "adapter_response": {"rows_affected": 1},
                },
            },
        },
        {
            "info": {
                "name": "MainEncounteredError",
                "level": "error",
                "ts": "2026-01-01T00:00:00Z",
                "msg": "no",
            },
            "data": {"exc": "no"},
        },
        {
            "info": {"name": "NodeStart", "level": "debug", "ts": "2026-01-01T00:00:00.1Z", "msg": "x"},
            "data": {"node_info": {"unique_id": "model.a.b"}},
        },
    )
)
DBT_EVENTS = tuple(
    json.dumps(line).encode()
    for line in (
        {"e": "start", "at": 1.0, "id": "model.a.b"},
        {
            "e": "finish",
            "at": 1.0,
            "id": "model.a.b",
            "status": "success",
            "seconds": 1.0,
            "text": "x",
            "rows": 1,
        },
        {"e": "end", "at": 2.0, "text": "no", "name": "ParsingError", "ok": False},
        {"e": "log", "at": 2.0, "level": "warn", "text": "x"},
    )
)
COMMANDS = (
    ("assets", "-s", "+customers", "--json"),
    ("assets", "--mermaid", "--exclude", "tag:x"),
    ("lineage", "customers.id", "--depth", "2", "--json"),
    ("lineage", "--sql", "-", "--dialect", "duckdb"),
    ("plan", "-s", "a", "--vars", "{a: 1}", "-t", "dev", "--all"),
    ("status", "-s", "a", "--json"),
    ("runs", "1", "--json"),
    ("logs", "1", "step"),
    ("store", "check"),
    ("store", "prune", "--keep", "3"),
    ("doctor",),
    ("cancel", "7"),
    ("run", "--resume", "7"),
    ("retry", "7"),
    ("ingest", "target"),
    ("--version",),
    ("-C", ".", "-e", "prod", "assets"),
)


# ---------------------------------------------------------------- what is done with it


def project_file(data: bytes, folder: Path) -> None:
    (folder / "penstock.yml").write_bytes(data)
    environ = {"HOME": "/home/somebody", "LEAKY_VALUE": "x"}
    project = load_project(folder, environment=None, integrations=registry.names(), environ=environ)
    _each(
        [
            *(
                lambda a=a, b=b: project.settings(a, b, registry.integration(a).config)
                for a, b in project.instances
            ),
            *(lambda name=name: project.warehouse(name) for name in project.document.warehouses),
            project.store_url,
        ]
    )


def _each(calls: Iterable[Callable[[], object]]) -> None:
    """All of them, though one refuses; refused is what none takes."""
    refused: list[BaseException] = []
    taken = 0
    for call in calls:
        try:
            call()
            taken += 1
        except Expected as error:
            refused.append(error)
    if refused and not taken:
        raise refused[0]


def _dbt_folder(folder: Path) -> Path:
    project = folder / "transform"
    if not project.is_dir():
        shutil.copytree(SHOP / "transform", project)
    return project


def profiles(data: bytes, folder: Path) -> None:
    project = _dbt_folder(folder)
    (project / "profiles.yml").write_bytes(data)
    for target in (None, "prod"):
        settings = settings_of(context(folder, DbtConfig(project="transform", target=target), {"HOME": "/h"}))
        connection_of(settings, may_call=False)


def dbt_project(data: bytes, folder: Path) -> None:
    from penstock_dbt.packages import packages_missing

    project = folder / "bare"
    project.mkdir(exist_ok=True)
    for name in ("dbt_project.yml", "packages.yml", "dependencies.yml"):
        (project / name).write_bytes(data)
    layout_of(project)
    packages_missing(project)


def document(name: str) -> Callable[[bytes, Path], object]:
    def enter(data: bytes, folder: Path) -> object:
        for other in ("manifest", "catalog", "run_results", "sources"):
            content = data if other == name else artefact(NEWEST, other)
            (folder / f"{other}.json").write_bytes(content)
        found = DBT.observe(context(folder, DbtConfig(manifest="manifest.json")))
        return AssetGraph.merged([found])

    return enter


def sql(data: bytes, folder: Path) -> None:
    text = data.decode("utf-8", "replace")
    for dialect in ("duckdb", "snowflake", "bigquery"):
        try:
            column_lineage(text, dialect=dialect, schema={"raw.t": ["id", "x", "y", "z"]})
        except PenstockError:
            continue


def schema(data: bytes, folder: Path) -> None:
    statement_lineage(
        "select * from raw.orders, users", "duckdb", data.decode("utf-8", "replace"), "schema.yml"
    )


_GRAPH: list[AssetGraph] = []


def graph() -> AssetGraph:
    return AssetGraph.of([observed()])


def selector(data: bytes, folder: Path) -> None:
    if not _GRAPH:
        _GRAPH.append(graph())
    select(_GRAPH[0], [data.decode("utf-8", "replace")], selectors={})


def selectors_file(data: bytes, folder: Path) -> None:
    if not _GRAPH:
        _GRAPH.append(graph())
    found = load_yaml(data.decode("utf-8", "replace"), "selectors.yml")
    known = read_selectors(found)
    select(_GRAPH[0], selectors=known)
    for name in known:
        select(_GRAPH[0], selector=name, selectors=known)


def variables(data: bytes, folder: Path) -> None:
    from penstock.cli.toolflags import tool_values
    from penstock.service.flags import Scope

    project = _dbt_folder(folder)
    text = os.fsdecode(data.replace(b"\0", b""))
    found = tool_values({"tool_vars": text}, Scope.LOOK)["vars"]
    settings = settings_of(context(folder, DbtConfig(project=str(project)), vars=found))
    from penstock_dbt.flags import project_flags

    assert settings.key
    project_flags(settings, folder, folder)


def connector_line(data: bytes, folder: Path) -> None:
    path = folder / "raw.jsonl"
    path.write_bytes(data + data)
    tail = Tail(path)
    while tail.advance():
        pass
    tail.finish(whole=True)
    tail.take_logs()


class _Answered(NamedTuple):
    stdout: bytes
    stderr: bytes
    returncode: int


def connector_answer(data: bytes, folder: Path) -> None:
    from penstock_airbyte.validate import check_config

    path = folder / "answer"
    path.write_bytes(data)
    connector = Connector("x", ("/bin/cat", str(path), "#"), {}, folder, str)
    _each(
        [lambda: _spec(connector, check_config), lambda: connector.check({}), lambda: connector.discover({})]
    )


def _spec(connector: Connector, check: Callable[..., object]) -> None:
    spec = connector.spec()
    check({"a": 1, "b": "x"}, spec.connection_specification, "place")


def connector_stderr(data: bytes, folder: Path) -> None:
    path = folder / "stderr"
    path.write_bytes(data)
    tail = TextTail(path)
    tail.take(ended=False)
    tail.take(ended=True)


def dbt_log(data: bytes, folder: Path) -> None:
    reader = JsonLog(folder)
    for line in data.splitlines():
        reader.read(line)
    reader.rest(1.0)


def dbt_event(data: bytes, folder: Path) -> None:
    for line in data.splitlines():
        read_record(line)


def environment(data: bytes, folder: Path) -> None:
    value = os.fsdecode(data.replace(b"\0", b""))
    (folder / "penstock.yml").write_text(
        "store: ${S}\nrefresh: 10m\nairbyte: {i: {connections: {c: {source: {command: [x], config: {a: '${S}'}}, destination: m}}}}\n"
        "warehouses: {m: {type: duckdb, path: '${S}'}}\n"
    )
    environ: Mapping[str, str] = {"S": value, "PENSTOCK_ENV": "dev" if len(value) % 2 else value}
    project = load_project(folder, environment=None, integrations=registry.names(), environ=environ)
    seconds_of(value)
    _each(
        [
            lambda: project.settings("airbyte", "i", registry.integration("airbyte").config),
            lambda: project.warehouse("m"),
            lambda: database(project.store_url(), folder),
        ]
    )


def store_url(data: bytes, folder: Path) -> None:
    database(data.decode("utf-8", "replace"), folder)


def snapshot_seeds(folder: Path) -> tuple[bytes, ...]:
    from penstock.service.snapshot import Entry

    where = folder / "kept"
    kept = Snapshot(where, "key")
    entry = Entry(taken_at=1.0, stamps=(("/x", 1, 2),), file="a.msgpack", project="shop")
    kept.write(
        {"a": (entry, observed()), "b": (entry, Observation(integration="b", instance="b", taken_at=1.0))},
        AssetGraph.merged([observed()])[1],
    )
    return ((where / "index.msgpack").read_bytes(), (where / "a.msgpack").read_bytes())


def snapshot(data: bytes, folder: Path) -> None:
    where = folder / "kept"
    for name in ("index.msgpack", "a.msgpack"):
        (where / name).write_bytes(data)
    found = Snapshot(where, "key")
    for name in found.index.entries:
        found.observation(name)
    (where / "index.msgpack").write_bytes(b"")


def kept_graph(data: bytes, folder: Path) -> None:
    where = folder / "graph"
    where.mkdir(exist_ok=True)
    (where / "graph.msgpack").write_bytes(data)
    kept = Snapshot(where, "key").graph()
    if kept is not None:
        assert kept.rows is not None
        assert kept.assets is not None
        assert kept.checks is not None
        assert kept.findings is not None


def command_line(data: bytes, folder: Path) -> None:
    from penstock.cli.main import cli

    words = [os.fsdecode(word) for word in data.split(b"\0")]
    (folder / "penstock.yml").write_text("name: x\ndbt: {shop: {manifest: m.json}}\n")
    (folder / "m.json").write_bytes(artefact(NEWEST, "manifest"))
    if {"-f", "--follow", "init"} & set(words) or any(word.startswith(("/", "~")) for word in words):
        return  # it would follow, or write elsewhere
    cli.main(words, prog_name="penstock", standalone_mode=False)
