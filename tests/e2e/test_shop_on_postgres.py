"""The example on a real PostgreSQL: two real connectors, real dbt-postgres; then the commands that read."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml

from tests.tools.command import FORKED, SHOP, Done, copied, environ, penstock
from tests.tools.postgres import new_server
from tests.tools.shop import variables

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("shop-postgres")]
_MADE = shutil.ignore_patterns(".penstock", "target")


class Shop:
    """The example, and the database that it works in."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.env = environ(FORKED + "1.11-postgres", **variables(url))

    def penstock(self, *arguments: str, **more: str) -> Done:
        return penstock(self.folder, "-e", "postgres", *arguments, env={**self.env, **more})

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as session:
            cursor = session.execute(sql)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    server = new_server()
    server.start(fsync=False)
    shop = Shop(copied(SHOP, tmp_path_factory.mktemp("shop") / "shop"), server.url())
    done = shop.penstock("build")
    assert done.code == 0, done
    assert "38 success" in done.out
    yield shop
    server.remove()


def test_status_shows_rows_and_checks(shop: Shop) -> None:
    states = {state["name"]: state for state in shop.penstock("status", "--json").json()["assets"]}
    assert (states["users"]["rows"], states["customers"]["rows"]) == (1000, 1000)
    assert states["orders"]["rows"] == shop.ask("SELECT count(*) FROM analytics.orders")[0][0]
    assert {check["outcome"] for check in states["customers"]["checks"]} == {"success"}


def test_a_column_is_followed_from_the_api_to_the_exposure(shop: Shop) -> None:
    document = shop.penstock("lineage", "customer_360.lifetime_value", "--json").json()
    edges = {
        (edge["source_asset"], edge["source_column"], edge["target_asset"]) for edge in document["edges"]
    }
    assert ("shop/products", "price", "products") in edges
    assert ("customer_360", "lifetime_value", "mailing") in edges


def test_destination_source_and_catalog_are_one_asset(shop: Shop) -> None:
    assets = {asset["name"]: asset for asset in shop.penstock("assets", "--json").json()["assets"]}
    for name in ("products", "users", "purchases", "raw_crm.customers"):
        assert {"airbyte", "dbt", "postgres"} <= {seen["integration"] for seen in assets[name]["seen_by"]}
    relations = [asset["relation"] for asset in assets.values() if asset["relation"]]
    assert len(relations) == len(set(relations))


def test_doctor_reaches_the_server_and_says_when_it_does_not(shop: Shop, tmp_path: Path) -> None:
    """Of the project without its connectors: of these it starts each, and the server is no part of that."""
    alone = Shop(Path(shutil.copytree(shop.folder, tmp_path / "shop", ignore=_MADE)), shop.url)
    document = yaml.safe_load((alone.folder / "penstock.yml").read_text())
    del document["airbyte"]
    (alone.folder / "penstock.yml").write_text(json.dumps(document))
    assert "PostgreSQL" in alone.penstock("doctor").out
    broken = alone.penstock("doctor", SHOP_PGPORT="1")
    assert broken.code == 1
    assert "nothing listens there" in broken.out


def test_building_again_gives_the_same_rows(shop: Shop) -> None:
    shop.ask("GRANT SELECT ON raw_shop.users TO public")
    again = shop.penstock("build", "--json")
    assert again.code == 0, again
    states = {one["name"]: one["state"] for one in again.json()["items"]}
    marts = {"orders", "customers", "customer_360", "product_sales"}
    assert {name: states[name] for name in marts} == dict.fromkeys(marts, "reused"), states
    assert shop.ask("SELECT count(*), count(DISTINCT id) FROM raw_shop.users") == [(1000, 1000)]
    assert shop.ask("SELECT has_table_privilege('pg_monitor', 'raw_shop.users', 'SELECT')") == [(True,)]
