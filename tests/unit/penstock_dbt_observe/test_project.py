"""A project observed with a real dbt: parsed when it changed, compiled when it must be, the user's own target left alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from penstock.assets import Definition
from penstock.errors import ConfigError
from penstock.integration import ObserveContext
from penstock_dbt.config import DbtConfig
from penstock_dbt.integration import INTEGRATION
from tests.fixtures.shop_project import RAW_SQL, files
from tests.tools.environment import real_environment
from tests.tools.forked_dbt import environ_of_forked, forked_environment
from tests.unit.penstock_dbt_observe.observing import asset, context

pytestmark = pytest.mark.slow

USES_STG_ORDERS = {
    "model.shop.stg_orders",
    "model.shop.big_orders",
    "model.shop.big_spenders",
    "model.shop.orders_fact",
}
NEVER_COMPILED = {"model.shop.scored", "seed.shop.countries"}


class Shop:
    """The fixture project in a folder of its own, with what penstock said it was doing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        for name, text in files((1, 11)).items():
            self.write(name, text)
        self.write("models/broken.sql", "select 1 as id")
        python = real_environment("1.11") / "python"
        load = "import sys, duckdb; duckdb.connect(sys.argv[1]).execute(sys.argv[2])"
        subprocess.run([str(python), "-c", load, str(folder / "shop.duckdb"), RAW_SQL], check=True)

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def context(self, *, may_call: bool = False, **options: str) -> ObserveContext[DbtConfig]:
        config = DbtConfig(project=".")
        here = context(self.folder, config, environ_of_forked(), may_call=may_call, **options)
        return ObserveContext(
            **{name: getattr(here, name) for name in here.__struct_fields__ if name != "progress"},
            progress=self.said.append,
        )

    def defined(self, *, may_call: bool = False, ids: frozenset[str] | None = None) -> dict[str, Definition]:
        self.said.clear()
        here = self.context(may_call=may_call)
        return {one.id: one for one in INTEGRATION.definitions(here, ids)}

    def dbt(self, *words: str) -> None:
        command = [str(forked_environment() / "dbt"), *words]
        subprocess.run(command, cwd=self.folder, env=environ_of_forked(), check=True, capture_output=True)


def without_sql(definitions: dict[str, Definition]) -> set[str]:
    return {key for key, one in definitions.items() if one.sql is None} - NEVER_COMPILED


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(tmp_path_factory.mktemp("shop").resolve())


def test_it_is_parsed_once(shop: Shop) -> None:
    first = INTEGRATION.observe(shop.context())
    assert [line.split()[0] for line in shop.said] == ["Parsing"]
    shop.said.clear()
    again = INTEGRATION.observe(shop.context())
    assert shop.said == []
    assert again.assets == first.assets
    assert first.inputs is not None
    assert str(shop.folder / "models" / "marts" / "customers.sql") in first.inputs
    assert str(shop.folder / "target" / "run_results.json") in first.inputs
    assert not (shop.folder / "target").exists()
    assert asset(first, "model.shop.customers").relation is not None
    assert {one.batch for one in first.producers} == {"dbt:shop"}


def test_nothing_is_compiled_where_nothing_may_be_called(shop: Shop) -> None:
    found = shop.defined()
    assert without_sql(found) == found.keys() - NEVER_COMPILED
    assert found["model.shop.customers"].reason is not None
    assert found["model.shop.customers"].reason.startswith("not compiled: ")


def test_it_is_compiled_once_and_then_kept(shop: Shop) -> None:
    found = shop.defined(may_call=True)
    assert not without_sql(found)
    assert [line.split()[0] for line in shop.said] == ["Compiling"]
    assert set(found["model.shop.big_spenders"].inlined) == {"model.shop.stg_orders", "model.shop.big_orders"}
    assert shop.defined() == found
    assert shop.said == []


def test_an_edit_costs_the_sql_of_what_is_made_with_it_and_no_more(shop: Shop) -> None:
    text = (shop.folder / "models/staging/stg_orders.sql").read_text()
    shop.write("models/staging/stg_orders.sql", text + " and id >= 0")
    assert without_sql(shop.defined()) == USES_STG_ORDERS


def test_what_the_user_has_compiled_with_other_vars_is_not_taken(shop: Shop) -> None:
    shop.dbt("compile", "--vars", "{lowest_amount: 7}")
    assert without_sql(shop.defined()) == USES_STG_ORDERS


def test_what_the_user_has_compiled_is_taken(shop: Shop) -> None:
    shop.dbt("compile")
    found = shop.defined()
    assert not without_sql(found)
    assert "and id >= 0" in (found["model.shop.orders_fact"].sql or "")


BROKEN = "{% if execute %}{{ exceptions.raise_compiler_error('no way') }}{% endif %}select 1"


def test_only_what_is_asked_for_is_compiled(shop: Shop) -> None:
    text = (shop.folder / "models/staging/stg_orders.sql").read_text()
    shop.write("models/staging/stg_orders.sql", text + " and id >= 2")
    shop.write("models/broken.sql", BROKEN)
    found = shop.defined(may_call=True, ids=frozenset({"model.shop.orders_fact"}))
    assert list(found) == ["model.shop.orders_fact"] and not without_sql(found)
    assert without_sql(shop.defined()) == {"model.shop.broken"} | USES_STG_ORDERS - {"model.shop.orders_fact"}


def test_one_that_cannot_be_compiled_leaves_the_others_alone(shop: Shop) -> None:
    found = shop.defined(may_call=True)
    assert without_sql(found) == {"model.shop.broken"}
    assert "no way" in (found["model.shop.broken"].reason or "")
    again = shop.defined(may_call=True)
    assert shop.said == []
    assert again == found


def test_what_dbt_did_elsewhere_is_seen(shop: Shop) -> None:
    shop.dbt("run", "--select", "stg_users")
    seen = {one.id: one for one in INTEGRATION.observe(shop.context()).materializations}
    assert seen.keys() == {"model.shop.stg_users"}
    assert seen["model.shop.stg_users"].status == "success"


def test_a_project_that_cannot_be_parsed_says_so_in_dbts_words(shop: Shop) -> None:
    shop.write("models/broken.sql", "select {{ ref('nowhere') }}")
    with pytest.raises(ConfigError, match="nowhere"):
        INTEGRATION.observe(shop.context())
