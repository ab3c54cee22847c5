"""Streams of one name in several namespaces of a source: each has a schema of its own where the connection says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from penstock.integration import Outcome
from penstock_airbyte.config import ConnectionConfig
from penstock_airbyte.namespaces import NamespaceDefinition, Schemas
from tests.unit.penstock_airbyte.sources import USERS, Shop, misconfigured, user


def spaces(root: Path, **connection: Any) -> Shop:
    tables = {
        "a": {**USERS, "name": "users", "namespace": "one", "rows": [user(1, 1)]},
        "b": {**USERS, "name": "users", "namespace": "Two", "rows": [user(2, 1), user(3, 1)]},
        "c": {**USERS, "name": "orders", "rows": [user(4, 1)]},
    }
    modes = {"sync_mode": "incremental_append_dedup"}
    streams = {"one.users": modes, "Two.users": modes, "orders": None}
    return Shop(root, tables, streams=streams, **connection)


def ids(shop: Shop, table: str) -> list[int]:
    return [row[0] for row in shop.ask(f"SELECT id FROM shop.{table} ORDER BY id")]


@pytest.mark.parametrize(
    ("definition", "schemas"),
    [
        ({"namespace_definition": "source"}, ("one", "two", "raw")),
        (
            {"namespace_definition": "custom_format", "namespace_format": "crm_${SOURCE_NAMESPACE}"},
            ("crm_one", "crm_two", "crm_"),
        ),
    ],
)
def test_each_namespace_has_its_schema(
    definition: dict[str, str], schemas: tuple[str, ...], tmp_path: Path
) -> None:
    shop = spaces(tmp_path, **definition)
    for attempt in (1, 2):
        result = shop.bench.sync(attempt)
        assert result.outcome is Outcome.SUCCESS, result.message
    one, two, other = schemas
    assert [ids(shop, f"{one}.users"), ids(shop, f"{two}.users"), ids(shop, f"{other}.orders")] == [
        [1],
        [2, 3],
        [4],
    ]
    relations = {asset.id: asset.relation for asset in shop.bench.observe().assets if asset.relation}
    found = [(r.schema, r.identifier) for r in relations.values()]
    assert found == [(one, "users"), (two, "users"), (other, "orders")]


def test_one_schema_for_two_of_one_name_is_refused_and_the_way_out_is_told(tmp_path: Path) -> None:
    shop = spaces(tmp_path)
    assert "would both be written to the table 'users'" in misconfigured(shop.bench)
    (finding,) = shop.bench.observe().findings
    assert "namespace_definition: source" in (finding.hint or "")


def test_a_namespace_that_is_called_like_the_default_schema_shares_it(tmp_path: Path) -> None:
    shop = spaces(tmp_path, namespace_definition="source")
    shop.connection["schema"] = "one"
    shop.connection["streams"] = {"one.users": None, "plain": None}
    tables = {"a": {**USERS, "name": "users", "namespace": "one", "rows": []}, "plain": {**USERS, "rows": []}}
    shop.put(tables)
    assert shop.bench.sync(1).outcome is Outcome.SUCCESS
    shop.connection["prefix"] = ""
    shop.put({**tables, "b": {**USERS, "name": "users", "rows": []}})
    shop.connection["streams"] = None
    shop.bench.forget_catalog()
    assert "would both be written to the table 'users'" in misconfigured(shop.bench)


def test_where_a_table_lies_is_not_said_before_the_source_was_asked(tmp_path: Path) -> None:
    shop = spaces(tmp_path, namespace_definition="source")
    seen = shop.bench.observe(may_call=False)
    assert [asset.relation for asset in seen.assets] == [None] * 6
    plain = spaces(tmp_path)
    plain.connection["streams"] = {"orders": None}
    known = [asset.relation for asset in plain.bench.observe(may_call=False).assets if asset.relation]
    assert [(r.schema, r.identifier) for r in known] == [("raw", "orders")]


@pytest.mark.parametrize("written", ["x_${SOURCE_NAMESPACE}", "x_{SOURCE_NAMESPACE}"])
def test_a_format_takes_the_namespace_as_it_is(written: str) -> None:
    schemas = Schemas(NamespaceDefinition.CUSTOM_FORMAT, written, str.lower, "raw")
    assert [schemas.of("A\\1"), schemas.of(None)] == ["x_a\\1", "x_"]
    blank = Schemas(NamespaceDefinition.CUSTOM_FORMAT, " ${SOURCE_NAMESPACE} ", str.lower, "raw")
    assert blank.of(None) == "raw"


@pytest.mark.parametrize(
    "wrong",
    [
        {"namespace_definition": "custom_format"},
        {"namespace_format": "x"},
        {"namespace_definition": "source", "namespace_format": "x"},
        {"namespace_definition": "schema"},
    ],
)
def test_half_a_definition_is_refused(wrong: dict[str, str]) -> None:
    connection = {"source": {"command": ["x"]}, "destination": "main", **wrong}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(connection, ConnectionConfig)


def test_one_stream_under_two_names(tmp_path: Path) -> None:
    """The settings of one of them won, and nothing said which."""
    tables = {"c": {**USERS, "name": "orders", "namespace": "public", "rows": [user(4, 1)]}}
    shop = Shop(tmp_path, tables, streams={"orders": None, "public.orders": {"fields": ["id"]}})
    assert "streams.public.orders: the stream 'public.orders' is named twice" in misconfigured(shop.bench)


@pytest.mark.parametrize("connection", [{"namespace_definition": "source"}, {"schema": "_Penstock"}])
def test_nothing_is_loaded_among_our_own_tables(connection: dict[str, Any], tmp_path: Path) -> None:
    """A stream `state` of a namespace `_penstock` was written over the states of all connections."""
    tables = {"a": {**USERS, "name": "state", "namespace": "_PENSTOCK", "rows": [user(1, 1)]}}
    shop = Shop(tmp_path, tables, **connection)
    assert "the stream 'state' would lie in the schema _penstock" in misconfigured(shop.bench)
