"""Every way in which something of somebody else's comes in: good examples of it, and what penstock does with it first."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
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
from tests.fuzz.seeds import (
    COMMANDS,
    DBT_EVENTS,
    DBT_LOG,
    LINES,
    PACKAGES,
    PENSTOCK_YML,
    PROFILES,
    SELECTORS,
    SELECTS,
    SQL,
)
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
        Door("profiles.yml", (PROFILES, (SHOP / "transform/profiles.yml").read_bytes()), profiles, dear=8),
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
        Door("the graph as kept", (kept_bytes(),), kept_graph),
        Door("command line", tuple("\0".join(words).encode() for words in COMMANDS), command_line, dear=8),
    )


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
        return AssetGraph.of([found])

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
    connector = Connector("x", ("/bin/cat", str(path), "#"), {}, folder, str, lambda config: None)
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
    tail.take(tail.size(), ended=False)
    tail.take(tail.size(), ended=True)


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
    entry = Entry(taken_at=1.0, asked_at=1.0, stamps=(("/x", 1, 2),), file="a.msgpack", project="shop")
    kept.write(
        {"a": (entry, observed()), "b": (entry, Observation(integration="b", instance="b", taken_at=1.0))},
        [observed()],
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


def kept_bytes() -> bytes:
    file = BytesIO()
    AssetGraph.of([observed()], file)
    return file.getvalue()


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
