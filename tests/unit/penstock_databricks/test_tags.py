"""Tags of tables and columns: asked by SQL, seldom, of a warehouse that runs; else as they were kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from penstock.assets import ObservedAsset
from penstock.errors import ConfigError
from penstock.integration import Connection, ObserveContext, Scope
from penstock_databricks.address import address_of
from penstock_databricks.config import DatabricksConfig
from penstock_databricks.observe import diagnose, observe
from penstock_databricks.tags import condition
from tests.doubles.databricks import DatabricksDouble, Estate, table
from tests.doubles.databricks.billing import open_tables, tag

Observing = Callable[..., ObserveContext[Any]]


@pytest.fixture
def double() -> Iterator[DatabricksDouble]:
    tables = [
        table("shop.raw.users", {"id": "bigint", "email": "string"}),
        table("shop.raw.orders"),
        table("shop.hr.pay"),
    ]
    with DatabricksDouble(Estate(tables=tables)) as started:
        open_tables(started)
        tag(started, "shop.raw.users", "pii")
        tag(started, "shop.raw.users", "domain", "sales=eu")
        tag(started, "shop.raw.users", "sensitivity", "high", column="email")
        tag(started, "shop.hr.pay", "secret")
        yield started


@pytest.fixture
def observing(double: DatabricksDouble, tmp_path: Path) -> Observing:
    def context(worked: bool = False, **settings: Any) -> ObserveContext[Any]:
        def no_connection(name: str) -> Connection:
            raise AssertionError(name)

        told = {"host": double.url, "token": double.token, "catalog": "shop", "schemas": ("raw",)}
        return ObserveContext(
            project_root=tmp_path,
            state_dir=tmp_path / ".penstock",
            cache_dir=tmp_path / "cache",
            instance="main",
            config=DatabricksConfig(**told | {"http_path": "/sql/1.0/warehouses/abc"} | settings),
            environment="dev",
            may_call=True,
            environ={},
            options={},
            address=address_of,
            connection=no_connection,
            progress=lambda line: None,
            worked=worked,
        )

    return context


def seen(context: ObserveContext[Any]) -> dict[str, ObservedAsset]:
    return {asset.name: asset for asset in observe(context).assets}


def test_tags_of_what_is_read_by_one_statement(double: DatabricksDouble, observing: Observing) -> None:
    found = seen(observing())
    assert found["users"].tags == ("domain=sales=eu", "pii")
    assert found["users"].attributes["column_tags"] == "email: sensitivity=high"
    assert (found["orders"].tags, found["orders"].attributes) == ((), {})
    (statement,) = double.sql.posted
    assert "schema_name IN ('raw')" in statement


def test_they_are_asked_again_when_it_is_due_or_something_else_is_asked(
    double: DatabricksDouble, observing: Observing
) -> None:
    seen(observing())
    tag(double, "shop.raw.orders", "late")
    assert not seen(observing())["orders"].tags
    assert len(double.sql.posted) == 1
    assert seen(observing(worked=True))["orders"].tags == ("late",)
    assert seen(observing(schemas=("hr",)))["pay"].tags == ("secret",)
    assert seen(observing(schemas=("hr",), catalog_every="0s"))["pay"].tags == ("secret",)
    assert len(double.sql.posted) == 4


@pytest.mark.parametrize(
    ("settings", "said"), [({}, "is not running"), ({"http_path": None}, "no `http_path`")]
)
def test_a_warehouse_that_sleeps_is_not_started_and_what_was_known_stays(
    double: DatabricksDouble, observing: Observing, settings: dict[str, Any], said: str
) -> None:
    seen(observing())
    double.estate.warehouse_state = "STOPPED"
    found = seen(observing(catalog_every="0s", **settings))
    assert found["users"].tags == ("domain=sales=eu", "pii")
    assert len(double.sql.posted) == 1
    (told,) = [one for one in diagnose(observing(**settings)) if one.subject == "tags"]
    assert told.ok and told.message == "on 1 table" and said in (told.unchecked or "")
    double.estate.warehouse_state = "RUNNING"
    seen(observing(catalog_every="0s"))
    (told,) = [one for one in diagnose(observing()) if one.subject == "tags"]
    assert told.unchecked is None


def test_what_was_known_stays_where_more_is_asked_of_a_warehouse_that_sleeps(
    double: DatabricksDouble, observing: Observing
) -> None:
    seen(observing())
    double.estate.warehouse_state = "STOPPED"
    assert seen(observing(schemas=("raw", "hr")))["users"].tags == ("domain=sales=eu", "pii")
    with DatabricksDouble(Estate(tables=[table("shop.raw.users")], warehouse_state="STOPPED")) as elsewhere:
        assert not seen(observing(host=elsewhere.url, token=elsewhere.token))["users"].tags
    double.estate.warehouse_state = "RUNNING"
    assert seen(observing(schemas=("raw", "hr")))["pay"].tags == ("secret",)


def test_refused_once_they_are_not_asked_by_each_look(double: DatabricksDouble, observing: Observing) -> None:
    double.sql.execute("DROP TABLE system_tables.tags.column_tags")
    assert not seen(observing())["users"].tags
    assert not seen(observing())["users"].tags
    assert len(double.sql.posted) == 1
    (told,) = [one for one in diagnose(observing()) if one.subject == "tags"]
    assert told.message == "not known" and told.unchecked


def test_a_wrong_length_of_time_is_one_clear_line(observing: Observing) -> None:
    with pytest.raises(ConfigError, match="'main': catalog_every 'often' is no length of time"):
        observe(observing(catalog_every="often"))


def test_what_is_asked_of_each_scope() -> None:
    two = (Scope(database="a'b", schemas=("x\\", "y")), Scope(database="c"))
    assert condition(two, ("ignored",)) == (
        "(catalog_name IN ('a\\'b') AND schema_name IN ('x\\\\', 'y')) OR (catalog_name IN ('c'))"
    )
    assert condition((Scope(),), None) == "(true)"
    assert condition((Scope(schemas=("s",)),), ("d",)) == "(catalog_name IN ('d') AND schema_name IN ('s'))"
    assert condition((), None) == "false"
