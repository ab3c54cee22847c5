"""Tags from ACCOUNT_USAGE: when they are asked, and what is said where they cannot be."""

from __future__ import annotations

import msgspec

from penstock.assets import Observation, ObservedAsset
from penstock_snowflake.observe import diagnose, observe
from tests.doubles.snowflake.estate import Estate
from tests.doubles.snowflake.server import SnowflakeDouble
from tests.unit.penstock_snowflake.conftest import Observing


def tag(
    estate: Estate,
    place: tuple[str, str, str],
    name: str,
    value: str | None,
    column: str | None = None,
    domain: str = "TABLE",
) -> None:
    estate.duck.execute(
        "INSERT INTO meta.main.tag_references VALUES ('SHOP', 'GOV', ?, ?, ?, ?, ?, NULL, ?, ?)",
        [name, value, *place, "COLUMN" if column else domain, column],
    )


def seen(observation: Observation) -> dict[str, ObservedAsset]:
    return {asset.id: asset for asset in observation.assets}


def asked(double: SnowflakeDouble) -> int:
    return sum("TAG_REFERENCES" in sql for sql in double.sql)


def test_tags_of_tables_and_columns_are_read_when_they_are_due(
    estate: Estate, double: SnowflakeDouble, observing: Observing
) -> None:
    tag(estate, ("SHOP", "RAW", "USERS"), "COST_CENTER", "sales")
    tag(estate, ("SHOP", "RAW", "USERS"), "PII", None, "NAME")
    tag(estate, ("SHOP", "RAW", 'odd "Name".x'), "ODD", "")
    tag(estate, ("SHOP", "MARTS", "V"), "SEEN", None, domain="VIEW")
    tag(estate, ("SHOP", "RAW", "USERS"), "OF_A_STAGE", None, domain="STAGE")
    tag(estate, ("OTHER", "PUBLIC", "ELSEWHERE"), "FAR", "x")
    found = seen(observe(observing(warehouse="wh")))
    assert found["SHOP.RAW.USERS"].tags == ("COST_CENTER=sales",)
    assert found["SHOP.RAW.USERS"].attributes["column_tags"] == "NAME: PII"
    assert found['SHOP.RAW.odd "Name".x'].tags == ("ODD",)
    assert found["SHOP.MARTS.V"].tags == ("SEEN",)
    observe(observing(warehouse="wh"))
    observe(msgspec.structs.replace(observing(warehouse="wh"), worked=True))
    assert asked(double) == 1
    observe(observing(warehouse="wh", catalog_every="0s"))
    assert asked(double) == 2
    assert "'OTHER'" not in next(sql for sql in double.sql if "TAG_REFERENCES" in sql)


def test_a_suspended_warehouse_is_not_resumed_for_them(
    estate: Estate, double: SnowflakeDouble, observing: Observing
) -> None:
    tag(estate, ("SHOP", "RAW", "USERS"), "PII", None)
    estate.warehouses["WH"].state = "SUSPENDED"
    assert not seen(observe(observing(warehouse="wh")))["SHOP.RAW.USERS"].tags
    assert (asked(double), estate.warehouses["WH"].state) == (0, "SUSPENDED")
    (told,) = [one for one in diagnose(observing(warehouse="wh")) if one.subject == "tags"]
    assert told.ok and told.message == "not known" and "suspended" in (told.unchecked or "")
    assert seen(observe(observing(warehouse="wh", wake=True)))["SHOP.RAW.USERS"].tags == ("PII",)


def test_a_role_without_the_grant_still_reads_the_catalog(
    estate: Estate, double: SnowflakeDouble, observing: Observing
) -> None:
    estate.account_usage = False
    assert len(observe(observing(warehouse="wh")).assets) == 3
    observe(observing(warehouse="wh"))
    (told,) = [one for one in diagnose(observing(warehouse="wh")) if one.subject == "tags"]
    assert "TAG_REFERENCES" in (told.unchecked or "")
