"""An environment of a branch beside prod: real dbt on DuckDB files. Nothing of prod is written, whatever the branch does."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable
from pathlib import Path

import duckdb
import msgspec
import pytest

from penstock.errors import PenstockError, UsageError
from penstock.integration import Connection
from penstock.run import create_run
from penstock.service.branches import drop, ensure_branch, refuse_loading, refuse_the_base
from penstock.service.observe import look
from penstock.service.workspace import Workspace, open_workspace
from penstock.store import open_store
from tests.tools.command import environ, penstock
from tests.tools.scripted import asset, plan

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("branches")]

FILES = {
    "dbt_project.yml": "name: kiosk\nversion: '1.0'\nprofile: kiosk\nmodels: {kiosk: {+materialized: table}}\n"
    "on-run-end: [\"create or replace table kiosk.main.ended as select '{{ invocation_id }}' as id\"]\n",
    "profiles.yml": "kiosk:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: dev.duckdb}\n"
    "    prod: {type: duckdb, path: kiosk.duckdb, attach: [{path: side.duckdb}], password_of_something: hunter2hunter2, of: 'postgres://me:hunter3hunter3@db'}\n",
    "penstock.yml": "name: kiosk\nwarehouses: {main: {dbt: t}}\ndbt: {t: {project: .}}\n"
    "environments: {prod: {dbt: {t: {target: prod}}}}\n",
    "seeds/things.csv": "id,price,kind\n1,10,a\n2,20,b\n3,30,a\n",
    "models/stg.sql": "select id, price, kind from {{ ref('things') }}",
    "models/kinds.sql": "select kind, count(*) as n from {{ ref('stg') }} group by kind",
    "models/grown.sql": "{{ config(materialized='incremental', unique_key='id') }} select id, price from {{ ref('stg') }}"
    "{% if is_incremental() %} where id > (select max(id) from {{ this }}){% endif %}",
    "macros/schemas.sql": "{% macro generate_schema_name(name, node) %}{{ name or 'main' }}{% endmacro %}",
    "models/placed.sql": "{{ config(database='kiosk', schema='fixed', alias='here') }} select count(*) as n from kiosk.main.stg"
    " -- {{ ref('stg') }}",
    "snapshots/prices.sql": "{% snapshot prices %}{{ config(target_schema='history', unique_key='id', strategy='check',"
    " check_cols=['price']) }} select id, price from {{ ref('things') }}{% endsnapshot %}",
    "models/total.sql": "select sum(price) as total from {{ ref('grown') }}",
}

SECRETS = ", password_of_something: hunter2hunter2, of: 'postgres://me:hunter3hunter3@db'"


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kiosk")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace(SECRETS, ""))
    (folder / ".git").mkdir()
    duckdb.connect(str(folder / "side.duckdb")).close()
    done = penstock(folder, "build", "-e", "prod")
    assert done.code == 0, done
    return folder


def hashed(folder: Path) -> tuple[str, ...]:
    """Of all that is prod's."""
    return tuple(
        hashlib.sha256((folder / f"{name}.duckdb").read_bytes()).hexdigest() for name in ("kiosk", "side")
    )


def rows(file: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_branch_builds_what_changed_and_prod_is_as_it_was(kiosk: Path) -> None:
    before = hashed(kiosk)
    (kiosk / "models/stg.sql").write_text("select id, price + 1 as price, kind from {{ ref('things') }}")
    done = penstock(kiosk, "build", "-e", "pr-1", "--base", "prod", "--lives", "7d", "--json")
    assert done.code == 0, done
    states = {item["name"]: item["state"] for item in done.json()["items"]}
    assert states["stg"] == "success"
    assert states["things"] == "reused"
    assert hashed(kiosk) == before
    copy = kiosk / ".penstock/environments/pr-1/kiosk.duckdb"
    assert rows(copy, "select sum(price) from stg") == [(63,)]
    assert rows(copy, "select count(*) from grown") == [(3,)]
    assert rows(copy, "select n from fixed.here") == [(3,)]
    assert rows(copy, "select count(*) from history.prices") == [(3,)]
    ended = "select id from ended"
    assert rows(copy, ended) != rows(
        kiosk / "kiosk.duckdb", ended
    )  # the hook names prod's database, and wrote into the copy
    assert rows(kiosk / "kiosk.duckdb", "select sum(price) from stg") == [(60,)]
    changed = penstock(kiosk, "diff", "prod", "--json").json()["comparison"]
    assert {one["name"] for one in changed["assets"]} == {"stg", "grown", "total", "placed"}
    (listed,) = penstock(kiosk, "env", "list", "--json").json()["environments"]
    assert (listed["name"], listed["base"], listed["over"]) == ("pr-1", "prod", False)


def test_models_that_would_be_made_elsewhere_stop_everything(kiosk: Path) -> None:
    before = hashed(kiosk)
    wrong = {
        "out": "{{ config(materialized='external', location='out.parquet') }} select 1 as x",
        "aside": "{{ config(database='side') }} select 1 as x",
    }
    for name, text in wrong.items():
        (kiosk / f"models/{name}.sql").write_text(text)
    try:
        done = penstock(kiosk, "build", "-e", "pr-1", "-s", "kinds")  # also when they are not asked for
        workspace = open_workspace(kiosk, environment="pr-1")
        workspace.environ = environ()
        with pytest.raises(UsageError, match="would make aside, out"):
            refuse_the_base(workspace, look(workspace, may_call=True).graph)
    finally:
        for name in wrong:
            (kiosk / f"models/{name}.sql").unlink()
    assert done.code == 2, done
    assert "pr-1 would make aside, out in the place of 'prod'; nothing was started" in done.err
    assert hashed(kiosk) == before
    assert not (kiosk / "out.parquet").exists()


def test_bad_input_is_one_line(kiosk: Path) -> None:
    cases: list[tuple[Callable[[], object], str]] = [
        (lambda: ensure(kiosk, "prod", "prod"), "penstock.yml has the environment 'prod'"),
        (lambda: ensure(kiosk, "pr-9", "prd"), "no environment 'prd'; did you mean 'prod'?"),
        (lambda: ensure(kiosk, "../x", "prod"), "'../x' cannot name an environment"),
        (lambda: ensure(kiosk, "pr-9", "prod", "soon"), "'soon' is no duration"),
        (lambda: ensure(kiosk, "pr-9", "pr-1"), "is a branch's environment itself"),
        (lambda: ensure(kiosk, "pr-9", "dev"), "there is no dev.duckdb to copy"),
        (lambda: open_workspace(kiosk, environment="pr-8"), "no environment 'pr-8'"),
        (
            lambda: refuse_loading(open_workspace(kiosk, environment="pr-1")),
            "reads what 'prod' had when it was",
        ),
        (lambda: drop(kiosk, ("pr-8",), expired=False), "no branch has an environment 'pr-8'"),
        (lambda: drop(kiosk, ("prod",), expired=False), "'prod' is an environment of penstock.yml"),
    ]
    for wrong, said in cases:
        with pytest.raises(PenstockError) as caught:
            wrong()
        assert said in str(caught.value)
    done = penstock(kiosk, "build", "-e", "pr-1", "-t", "dev")
    assert (done.code, "--target has no place" in done.err) == (2, True), done


def ensure(folder: Path, name: str, base: str, lives: str | None = None) -> object:
    return ensure_branch(folder, name, base, lives=lives, progress=lambda line: None)


def test_no_secret_of_a_profile_is_written(kiosk: Path) -> None:
    text = FILES["profiles.yml"]
    (kiosk / "profiles.yml").write_text(text)
    workspace = Workspace(open_workspace(kiosk, environment="pr-1").project, environ=environ())
    assert isinstance(workspace.connection("main"), Connection)
    written = (kiosk / ".penstock/environments/pr-1/t/profiles.yml").read_text()
    assert "hunter2" not in written and "hunter3" not in written
    assert "DBT_ENV_SECRET_PENSTOCK_PASSWORD_OF_SOMETHING" in written
    assert workspace.environ["DBT_ENV_SECRET_PENSTOCK_PASSWORD_OF_SOMETHING"] == "hunter2hunter2"
    assert "hunter2" not in workspace.project.redact("hunter2hunter2")


def test_an_environment_in_which_a_run_works_is_left(kiosk: Path) -> None:
    ensure(kiosk, "pr-7", "prod", lives="1s")
    store = open_store("sqlite:///.penstock/penstock.db", root=kiosk)
    run = create_run(store, msgspec.structs.replace(plan(asset("a")), environment="pr-7"))

    async def while_it_works() -> None:
        async with store.session(run):
            with pytest.raises(PenstockError, match=f"run {run.number} works in 'pr-7'"):
                drop(kiosk, ("pr-7",), expired=False)
            await asyncio.sleep(1.1)
            assert drop(kiosk, (), expired=True) == []

    asyncio.run(while_it_works())
    store.close()
    assert drop(kiosk, (), expired=True) == ["pr-7"]


def test_a_dropped_environment_leaves_nothing(kiosk: Path) -> None:
    before = hashed(kiosk)
    assert penstock(kiosk, "env", "drop", "pr-1").out == "dropped pr-1\n"
    assert not (kiosk / ".penstock/environments/pr-1").exists()
    assert penstock(kiosk, "env", "list", "--json").json()["environments"] == []
    assert hashed(kiosk) == before
