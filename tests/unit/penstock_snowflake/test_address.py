"""Settings -> address and names, without a call."""

from __future__ import annotations

from pathlib import Path

import pytest

from penstock.errors import ConfigError
from penstock.integration import Connection
from penstock_snowflake.address import address_of
from penstock_snowflake.naming import literal, pattern, quoted, sql_type, stored_name


def _connection(**settings: object) -> Connection:
    return Connection(type="snowflake", settings=settings, base=Path("/nowhere"))


@pytest.mark.parametrize(
    "account",
    [
        "acme-my_team",
        "ACME-MY-TEAM",
        "acme-my-team.snowflakecomputing.com",
        "https://acme-my_team.snowflakecomputing.com",
    ],
)
def test_one_account_has_one_namespace_however_it_is_written(account: str) -> None:
    assert address_of(_connection(account=account)).namespace == "snowflake://acme-my-team"


def test_names_of_settings_are_stored_as_snowflake_folds_them() -> None:
    address = address_of(_connection(account="a", database="shop", schema='"Raw"'))
    assert (address.database, address.schema) == ("SHOP", "Raw")
    assert stored_name("my-db") == "my-db"


def test_an_account_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="not the name of a Snowflake account"):
        address_of(_connection(account="https://example.com/console"))


def test_constants_escape_the_backslash_before_the_quote() -> None:
    assert quoted('a"b', "c.d") == '"a""b"."c.d"'
    assert literal("a\\'b") == "'a\\\\''b'"
    assert pattern("a_b%") == "'a\\\\_b\\\\%'"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"type": "FIXED", "precision": 10, "scale": 2}, "NUMBER(10,2)"),
        ({"type": "TEXT", "length": 20}, "VARCHAR(20)"),
        ({"type": "TEXT", "length": 16_777_216}, "VARCHAR"),
        ({"type": "REAL"}, "FLOAT"),
        ({"type": "VARIANT"}, "VARIANT"),
        ({}, "UNKNOWN"),
    ],
)
def test_a_columns_type_in_sql(told: dict[str, object], kind: str) -> None:
    assert sql_type(told) == kind
