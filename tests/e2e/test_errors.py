"""Bad input of any kind: one clear message, exit code 2 (1 when a tool failed), never a traceback, nothing lost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.fixtures.artefacts import NEWEST, unzip_artefacts
from tests.support import unzip_corpus
from tests.tools.command import COFFEE, copied, environ, penstock

NO_DBT = environ(None)
_BOMB = "a0: &a0 [x,x,x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))


def project(folder: Path, text: str) -> Path:
    (folder / ".git").mkdir(exist_ok=True)
    (folder / "penstock.yml").write_text(text)
    return folder


def refused(folder: Path, *arguments: str, code: int = 2, **env: str) -> str:
    """The message of a command that must fail with `code`; it is one error, told once."""
    done = penstock(folder, *arguments, env={**NO_DBT, **env})
    assert done.code == code, done
    errors = [line for line in done.err.splitlines() if line.lower().startswith(("error:", "usage:"))]
    assert len(errors) == 1, done
    return done.err


def test_no_project(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert "no penstock.yml and no dbt_project.yml" in refused(tmp_path, "assets")
    assert "there is no folder" in refused(tmp_path, "assets", "-C", "nowhere")


def test_an_unknown_command(tmp_path: Path) -> None:
    done = penstock(tmp_path, "statsu", env=NO_DBT)
    assert done.code == 2
    assert "Did you mean 'status'?" in done.err
    of_dbt = penstock(tmp_path, "seed", env=NO_DBT)
    assert of_dbt.code == 2
    assert "What dbt does with it is here: penstock run --resource-type seed" in of_dbt.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: [\n", "penstock.yml:2: broken YAML"),
        ("nmae: x\n", "penstock.yml:1: unknown key 'nmae'; did you mean 'name'?"),
        ("dbt:\n  t:\n    projct: t\n", "penstock.yml:3: unknown key 'projct'; did you mean 'project'?"),
        ("dbt: {t: {project: nowhere}}\n", "nowhere"),
        ("warehouses: {main: {}}\n", "penstock.yml:1"),
        ("warehouses: {main: {dbt: other}}\n", "no dbt instance 'other'"),
        ("dbt: {t: {manifest: manifest.json}}\n", "manifest.json"),
        ("dbt: {t: {manifest: '${WHERE_IT_IS}'}}\n", "WHERE_IT_IS is not set"),
        (
            "name: x\ndbt:\n  t:\n    deps: never\n    manifest: '${WHERE}'\n",
            "penstock.yml:5: the environment variable",
        ),
        (
            "dbt: {t: {manifest: '${file:/dev/zero}'}}\n",
            "penstock.yml:1: cannot read ${file:/dev/zero}: no file",
        ),
        ("dbt: {t: {manifest: '${file:}'}}\n", "no file is named"),
        ("dbt: {t: {manifest: '${file:key.der}'}}\n", "it does not exist"),
        ("dbt: {t: {manifest: '${file:~nobody9/x}'}}\n", "~nobody9/x"),
        ("dbt: {t: {manifest: '${file:.git}'}}\n", "no file"),
        ("pools: &p\n  a: *p\n", "penstock.yml:1: an alias stands inside of what it repeats"),
        (_BOMB, "aliases repeat too much"),
        ("name: " + "[" * 100_000, "nested more than 100 levels deep"),
    ],
)
def test_a_wrong_project_file(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(project(tmp_path, text), "assets")


def test_an_unknown_environment(tmp_path: Path) -> None:
    project(tmp_path, "environments: {prod: {}}\n")
    assert "did you mean 'prod'?" in refused(tmp_path, "assets", "-e", "prd")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "manifest.json"),
        (
            b'{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"}, "nodes": {',
            "after 99 bytes",
        ),
        (b"[1, 2]", "manifest.json"),
        (
            b'{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/catalog/v1.json"}}',
            "catalog",
        ),
        (
            b'{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v3.json"}, "nodes": {}}',
            "v3",
        ),
    ],
)
def test_a_manifest_that_cannot_be_read(tmp_path: Path, content: bytes, said: str) -> None:
    project(tmp_path, "dbt: {t: {manifest: manifest.json}}\n")
    (tmp_path / "manifest.json").write_bytes(content)
    assert said in refused(tmp_path, "assets")


def test_names_that_nothing_answers_to(tmp_path: Path) -> None:
    unzip_corpus("jaffle", project(tmp_path, "dbt: {t: {manifest: manifest.json, catalog: catalog.json}}\n"))
    assert "did you mean 'stg_orders'" in refused(tmp_path, "lineage", "stg_order")
    assert "did you mean 'order_total'" in refused(tmp_path, "lineage", "main.orders.order_totl")
    assert "did you mean 'customers'" in refused(tmp_path, "plan", "-s", "custmers")
    assert "nothing has tag 'nightly'" in refused(tmp_path, "assets", "-s", "tag:nightly")
    assert "artefacts" in refused(tmp_path, "run")
    assert "name an asset" in refused(tmp_path, "lineage")


def test_what_is_left_out_must_be_there(tmp_path: Path) -> None:
    unzip_artefacts(NEWEST, project(tmp_path, "dbt: {t: {manifest: manifest.json}}\n"))
    for command in ("plan", "assets", "status", "build"):
        assert "did you mean 'customers'" in refused(tmp_path, command, "--exclude", "custmers")
        assert "it selects nothing" in refused(tmp_path, command, "-s", "")
    warned = penstock(tmp_path, "assets", "--exclude", "tag:nightly", "--exclude", "")
    assert (
        warned.code == 0
        and "--exclude tag:nightly leaves nothing out: nothing has tag 'nightly'" in warned.err
    )
    assert "customers" in warned.out, "nothing is left out"


def test_runs_before_there_are_any(tmp_path: Path) -> None:
    project(tmp_path, "name: x\n")
    for command in (["logs"], ["cancel"], ["retry"], ["runs", "1"]):
        assert "nothing has run here yet" in refused(tmp_path, *command)
    assert "nothing to do" in refused(tmp_path, "run")


def test_an_ambiguous_name(tmp_path: Path) -> None:
    unzip_corpus("jaffle", tmp_path)
    both = "{manifest: manifest.json}"
    project(tmp_path, f"dbt:\n  one: {both}\n  two: {both}\n")
    message = refused(tmp_path, "lineage", "metric.jaffle_shop.order_total")
    assert "names 2 assets" in message or "no asset" in message


def test_no_dbt_and_none_can_be_made(tmp_path: Path) -> None:
    folder = copied(COFFEE, tmp_path / "coffee")
    project(folder, "dbt: {coffee: {project: ., command: [no-such-dbt]}}\n")
    assert "no-such-dbt" in refused(folder, "assets")


def test_a_dbt_project_that_does_not_parse(tmp_path: Path) -> None:
    folder = copied(COFFEE, tmp_path / "coffee")
    (folder / "models" / "cups.sql").write_text("select * from {{ ref('raw_cup') }}")
    done = penstock(folder, "assets")
    assert done.code in (1, 2), done
    assert "raw_cup" in done.err
    assert done.err.count("error:") == 1


def sync(config: str, source: str) -> str:
    return (
        "warehouses: {main: {type: duckdb, path: w.duckdb}}\n"
        f"airbyte:\n  ingest:\n    connections:\n      shop:\n        source: {source}\n"
        f"        destination: main\n        schema: raw\n{config}"
    )


def test_a_connector_package_that_does_not_exist(tmp_path: Path) -> None:
    project(tmp_path, sync("", "{connector: airbyte-source-penstock-none, version: 1.0.0}"))
    done = penstock(tmp_path, "plan", env=NO_DBT)
    assert done.code == 0, done
    assert "airbyte-source-penstock-none" in done.err


def test_a_connector_that_prints_garbage(tmp_path: Path) -> None:
    script = tmp_path / "garbage.py"
    script.write_text("print('hello, I am no connector')\n")
    project(tmp_path, sync("", f"{{command: [{sys.executable}, {script}]}}"))
    for command, code in (("plan", 0), ("run", 1)):
        done = penstock(tmp_path, command, env=NO_DBT)
        assert done.code == code, done
        assert "garbage.py" in done.err
        assert "spec" in done.err


def test_a_config_that_the_spec_rejects(tmp_path: Path) -> None:
    script = tmp_path / "strict.py"
    script.write_text(
        "import json\nprint(json.dumps({'type': 'SPEC', 'spec': {'connectionSpecification': {'type': 'object',"
        " 'properties': {'count': {'type': 'integer'}, 'key': {'type': 'string', 'airbyte_secret': True,"
        " 'minLength': 40}}}}}))\n"
    )
    project(tmp_path, sync("", f"{{command: [{sys.executable}, {script}], config: {{count: many}}}}"))
    done = penstock(tmp_path, "run", env=NO_DBT)
    assert done.code == 1, done
    assert "airbyte.ingest.connections.shop.source.config.count" in done.err
    project(tmp_path, sync("", f"{{command: [{sys.executable}, {script}], config: {{key: '${{KEY}}'}}}}"))
    done = penstock(tmp_path, "run", env={**NO_DBT, "KEY": "hush-hush-secret"})
    assert done.code == 1, done
    assert "source.config.key" in done.err
    assert "hush-hush-secret" not in done.err + done.out


HOLDER = """
import duckdb, sys
held = duckdb.connect(sys.argv[1])
held.execute("create table if not exists held as select 1")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_warehouse_that_another_process_holds(tmp_path: Path) -> None:
    folder = copied(COFFEE, tmp_path / "coffee")
    held = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder / "coffee.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert held.stdout is not None
        assert held.stdout.readline().strip() == "held"
        listed = penstock(folder, "assets")
        assert listed.code == 0, listed
        assert str(held.pid) in listed.err
        built = penstock(folder, "run", "-s", "raw_people")
        assert built.code == 1, built
        assert "lock" in built.out.lower()
    finally:
        held.kill()
        held.communicate()
    assert penstock(folder, "run", "-s", "raw_people").code == 0


def test_columns_are_followed_while_another_process_holds_the_warehouse(tmp_path: Path) -> None:
    """The views' SQL is there only: they are unresolved by name, and the rest is told."""
    project(tmp_path, "warehouses: {main: {type: duckdb, path: w.duckdb}}\n")
    views = "create table t as select 1 as id; create view v as select id from t"
    with duckdb.connect(str(tmp_path / "w.duckdb")) as warehouse:
        warehouse.execute(views)
    assert penstock(tmp_path, "refresh", env=NO_DBT).code == 0
    held = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "w.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert held.stdout is not None
        assert held.stdout.readline().strip() == "held"
        listed = penstock(tmp_path, "assets", "--json", env=NO_DBT).json()["assets"]
        assert {asset["name"] for asset in listed} == {"t", "v"}, "the only part of the project is known too"
        told = penstock(tmp_path, "lineage", "v.id", env=NO_DBT)
        assert told.code == 0, told
        checked = penstock(tmp_path, "lineage", "--check", env=NO_DBT)
        assert checked.code == 0, checked
        assert f"not read: w.duckdb is held by PID {held.pid}" in checked.out, checked
    finally:
        held.kill()
        held.communicate()
    edges = penstock(tmp_path, "lineage", "v.id", "--json", env=NO_DBT).json()["edges"]
    assert [(edge["source_asset"], edge["source_column"]) for edge in edges] == [("t", "id")]


def test_a_broken_snapshot_is_made_anew(tmp_path: Path) -> None:
    unzip_corpus("jaffle", project(tmp_path, "dbt: {t: {manifest: manifest.json}}\n"))
    first = penstock(tmp_path, "assets", env=NO_DBT)
    for file in (tmp_path / ".penstock" / "snapshot" / "dev").iterdir():
        file.write_bytes(file.read_bytes()[:50])
    again = penstock(tmp_path, "assets", env=NO_DBT)
    assert (again.code, again.out) == (0, first.out)


def test_a_broken_store_is_said(tmp_path: Path) -> None:
    project(tmp_path, "name: x\n")
    (tmp_path / ".penstock").mkdir()
    (tmp_path / ".penstock" / "penstock.db").write_bytes(
        b"not a database at all, but long enough to be read" * 40
    )
    assert "penstock.db" in refused(tmp_path, "runs", code=1)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    unzip_corpus("jaffle", project(tmp_path, "dbt: {t: {manifest: manifest.json}}\n"))
    (tmp_path / ".penstock").write_text("in the way")
    shown = penstock(tmp_path, "assets", env=NO_DBT)
    assert shown.code == 0, shown
    assert f"{tmp_path}/.penstock cannot be written: nothing of this is kept" in shown.err
