"""A run on Snowflake makes only what must be made: by the account's own marks of states. dbt, its adapter and the connectors are real,
fakesnow stands for Snowflake, with the marks that Snowflake documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.tools.command import Done, environ, penstock
from tests.tools.fakesnow import Fakesnow, fakesnow

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.xdist_group("reuse-snowflake")]

FILES = {
    "dbt_project.yml": "name: kiosk\nversion: '1.0'\nprofile: kiosk\nmodels: {kiosk: {+materialized: table}}\n",
    "penstock.yml": "name: kiosk\nwarehouses: {main: {dbt: t}}\ndbt: {t: {project: ., profiles_dir: ., warm: 20s}}\n",
    "models/sources.yml": "sources: [{name: raw, database: SHOP, schema: RAW, tables: [{name: things}, {name: people}]}]\n",
    "models/stg.sql": "select id, price, kind from {{ source('raw', 'things') }} where price > 5",
    "models/doubled.sql": "{{ config(materialized='view') }} select id, price * 2 as price from {{ ref('stg') }}",
    "models/total.sql": "select sum(price) as total from {{ ref('doubled') }}",
    "models/names.sql": "select lower(name) as name from {{ source('raw', 'people') }}",
}
PROFILE = """
kiosk:
  target: dev
  outputs:
    dev: {{type: snowflake, account: fakesnow, host: 127.0.0.1, port: {port}, protocol: http, user: somebody, password: not-checked,
          role: SYSADMIN, warehouse: FAKESNOW_WAREHOUSE, database: SHOP, schema: MARTS, threads: 2}}
"""
ALL = {"stg", "doubled", "total", "names"}


class Kiosk:
    def __init__(self, root: Path, warehouse: Fakesnow) -> None:
        self.root = root
        self.warehouse = warehouse
        self.env = environ("1.11-snowflake")

    def __call__(self, *arguments: str) -> Done:
        done = penstock(self.root, *arguments, env=self.env)
        assert done.code == 0, done
        return done

    def built(self, *arguments: str) -> set[str]:
        items = self("run", *arguments, "--json").json()["items"]
        return {item["name"] for item in items if item["state"] == "success"}

    def plan(self) -> dict[str, tuple[str, str, str]]:
        items = self("plan", "--json").json()["items"]
        return {item["name"]: (item["decision"], item["code"], item["reason"]) for item in items}

    def edit(self, name: str, before: str, after: str) -> None:
        path = self.root / name
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))


def kiosk_in(folder: Path, warehouse: Fakesnow, files: Mapping[str, str]) -> Kiosk:
    """Built once."""
    warehouse.run(
        "create database SHOP",
        "create schema SHOP.RAW",
        "create schema SHOP.MARTS",
        "create table SHOP.RAW.THINGS (id number, price number, kind text)",
        "insert into SHOP.RAW.THINGS values (1, 10, 'a'), (2, 20, 'b')",
        "create table SHOP.RAW.PEOPLE (name text)",
        "insert into SHOP.RAW.PEOPLE values ('Ann')",
    )
    for name, text in {**files, "profiles.yml": PROFILE.format(port=warehouse.port)}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / ".git").mkdir()
    made = Kiosk(folder, warehouse)
    made("run")
    return made


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kiosk]:
    folder = tmp_path_factory.mktemp("kiosk")
    with fakesnow(folder) as warehouse:
        yield kiosk_in(folder, warehouse, FILES)


def test_what_is_up_to_date_is_left_alone(kiosk: Kiosk) -> None:
    plan = kiosk.plan()
    assert {name for name, (decision, _, _) in plan.items() if decision == "reuse"} == ALL, plan
    assert plan["total"][2] == "same code, same inputs since run 1"
    assert kiosk("run").out.startswith("0 assets to build, 4 up to date")
    assert "same code, same inputs since run 1" in kiosk("why", "total").out
    assert kiosk.built("--select", "stg") == set()


def test_new_rows_make_what_reads_them(kiosk: Kiosk) -> None:
    kiosk.warehouse.run("insert into SHOP.RAW.THINGS values (3, 30, 'a')")
    plan = kiosk.plan()
    assert plan["stg"] == ("build", "new-data", "new data: things +1 rows")
    assert plan["total"][:2] == ("build", "new-data")
    assert plan["names"][0] == "reuse"
    assert {"stg", "total"} <= kiosk.built() <= {"stg", "doubled", "total"}
    assert kiosk.warehouse.run("select total from SHOP.MARTS.TOTAL") == [(120,)]
    assert kiosk.built() == set()
    kiosk.warehouse.run("update SHOP.RAW.PEOPLE set name = 'Bob'")
    assert kiosk.built() == {"names"}


def test_edits_make_what_they_concern(kiosk: Kiosk) -> None:
    kiosk.edit("models/names.sql", "lower(name)", "/* a comment */ lower(name)")
    assert kiosk.built() == set()
    kiosk.edit("models/names.sql", "lower(name)", "upper(name)")
    assert kiosk.plan()["names"][1] == "code"
    assert kiosk.built() == {"names"}
    kiosk.edit("models/doubled.sql", "price * 2", "price * 3")
    assert kiosk.built() == {"doubled", "total"}
    assert kiosk.built() == set()


def test_what_others_did_is_seen(kiosk: Kiosk) -> None:
    kiosk.warehouse.run("update SHOP.MARTS.NAMES set name = 'by hand'")
    assert kiosk.plan()["names"][1] == "outside"
    kiosk.warehouse.run("drop table SHOP.MARTS.TOTAL")
    assert kiosk.plan()["total"][1] == "missing"
    assert kiosk.built() == {"names", "total"}
    kiosk.warehouse.run(
        "create or replace view SHOP.MARTS.DOUBLED as select id, price * 0 as price from SHOP.MARTS.STG"
    )
    assert kiosk.plan()["doubled"][1] == "outside"
    assert kiosk.built() == {"doubled", "total"}
    # By DDL alone, to the same columns: no DML, and the token need not move.
    kiosk.warehouse.run(
        "alter table SHOP.MARTS.STG drop column KIND", "alter table SHOP.MARTS.STG add column KIND text"
    )
    assert kiosk.plan()["stg"][1] == "outside"
    assert {"stg", "total"} <= kiosk.built() <= {"stg", "doubled", "total"}
    assert kiosk.built() == set()


def test_a_failure_stands_until_its_rows_or_its_test_change(kiosk: Kiosk) -> None:
    kiosk.edit(
        "models/sources.yml",
        "sources:",
        "models: [{name: names, columns: [{name: name, data_tests: [{accepted_values: {arguments: {values: [ann, ANN]}}}]}]}]\nsources:",
    )
    name = "accepted_values_names_name__ann__ANN"

    def verdict(code: int) -> tuple[str, str]:
        done = penstock(kiosk.root, "build", "--json", env=kiosk.env)
        assert done.code == code, done
        (found,) = [one for one in done.json()["items"] if one["name"] == name]
        return found["state"], found["message"] or ""

    kiosk.warehouse.run("update SHOP.RAW.PEOPLE set name = 'Zed'")
    assert verdict(1)[0] == "fail"
    told = verdict(1)
    assert told[0] == "fail" and "same test, same data" in told[1]
    kiosk.warehouse.run("update SHOP.RAW.PEOPLE set name = 'Ann'")
    assert verdict(0)[0] == "success"
    assert verdict(0)[0] == "reused"
