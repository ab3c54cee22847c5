"""Where streams land: namespaces, prefixes and mappers by table; which candidate a warehouse's catalog confirms."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from penstock_airbyte.api.landing import Confidence, located, mapped_fields, places, unknown_mappers
from penstock_airbyte.api.names import DestinationKind
from penstock_manifests.airbyte.api import ApiConfiguredStream, ApiConnection, read_connection

SF, BQ, RS = DestinationKind.SNOWFLAKE, DestinationKind.BIGQUERY, DestinationKind.REDSHIFT
DB, PG, DD = DestinationKind.DATABRICKS, DestinationKind.POSTGRES, DestinationKind.DUCKDB
S3 = DestinationKind.S3


def _connection(streams: list[dict[str, Any]], **words: Any) -> ApiConnection:
    body = msgspec.json.encode({"connectionId": "c", "configurations": {"streams": streams}} | words)
    found, notes = read_connection(body)
    assert found is not None and not notes
    return found


# (destination, namespaceDefinition, namespaceFormat, stream namespace, prefix, stream) -> (schema, table)
NAMESPACES: list[tuple[DestinationKind, str | None, str | None, str | None, str | None, str, str, str]] = [
    (SF, "destination", None, "public", None, "users", "DEFAULT", "USERS"),
    (SF, "source", None, "public", None, "users", "PUBLIC", "USERS"),
    (SF, None, None, "public", None, "users", "PUBLIC", "USERS"),
    (SF, "source", None, None, None, "users", "DEFAULT", "USERS"),
    (SF, "custom_format", "raw_${SOURCE_NAMESPACE}", "public", None, "users", "RAW_PUBLIC", "USERS"),
    (SF, "custom_format", "raw_${SOURCE_NAMESPACE}", None, None, "users", "RAW_", "USERS"),
    (SF, "custom_format", "${SOURCE_NAMESPACE}", None, None, "users", "DEFAULT", "USERS"),
    (SF, "custom_format", "landing", "public", "eu_", "users", "LANDING", "EU_USERS"),
    (SF, "custom_format", "  ", "public", None, "users", "DEFAULT", "USERS"),
    (SF, "destination", None, None, "  ", "users", "DEFAULT", "USERS"),
    (SF, "from_the_future", None, "public", None, "users", "PUBLIC", "USERS"),
    (BQ, "destination", None, "public", "eu-", "users", "default", "eu_users"),
    (BQ, "source", None, "_x", None, "users", "n_x", "users"),
    (BQ, "custom_format", "9${SOURCE_NAMESPACE}", "a", None, "9u", "9a", "_9u"),
    (RS, "source", None, "Public", "P_", "Users", "public", "p_users"),
    (RS, "destination", None, "Public", None, "Us ers", "default", "us_ers"),
    (DB, "source", None, "Public", "P_", "Users", "public", "p_users"),
    (DB, "custom_format", "Raw-${SOURCE_NAMESPACE}", "X", None, "Users", "raw_x", "users"),
    (PG, "source", None, "Public", "P_", "Users", "Public", "P_Users"),
    (PG, "destination", None, "Public", None, "1Users", "default", "_1Users"),
    (PG, "custom_format", "a ${SOURCE_NAMESPACE}", "b", None, "c", "a_b", "c"),
    (DD, "source", None, "Public", "P_", "Users", "default", "p_users"),
    (DD, "custom_format", "x", "Public", None, "Users", "default", "users"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "definition", "pattern", "namespace", "prefix", "name", "schema", "table"), NAMESPACES
)
def test_namespace_and_prefix(
    kind: DestinationKind,
    definition: str | None,
    pattern: str | None,
    namespace: str | None,
    prefix: str | None,
    name: str,
    schema: str,
    table: str,
) -> None:
    connection = _connection(
        [{"name": name, "namespace": namespace}],
        namespaceDefinition=definition,
        namespaceFormat=pattern,
        prefix=prefix,
    )
    found = places(kind, connection, connection.streams[0], "default", ["id"])[0]
    assert (found.schema, found.table) == (schema, table)


def test_a_file_destination_makes_no_table() -> None:
    connection = _connection([{"name": "users"}])
    assert places(S3, connection, connection.streams[0], "default", ["id"]) == ()
    assert located((), {}) == (None, Confidence.UNRESOLVED)


def test_the_name_that_was_set_for_a_stream_wins() -> None:
    connection = _connection([{"name": "users", "destinationObjectName": "people"}], prefix="p_")
    assert places(PG, connection, connection.streams[0], "d", ["id"])[0].table == "people"


def _mapper(kind: str, **told: Any) -> dict[str, Any]:
    return {"type": kind, "mapperConfiguration": told}


HASH = _mapper("hashing", targetField="email", method="SHA-256", fieldNameSuffix="_hashed")
# (mappers, selected, key) -> (source field, name, how)
MAPPED: list[tuple[list[dict[str, Any]], list[str], list[list[str]], list[tuple[str, str, str | None]]]] = [
    ([], [], [], [("id", "id", None), ("email", "email", None), ("age", "age", None)]),
    ([HASH], [], [], [("id", "id", None), ("email", "email_hashed", "hashed (SHA-256)"), ("age", "age", None)]),
    ([], ["age"], [], [("age", "age", None)]),
    ([], ["age"], [["id"]], [("id", "id", None), ("age", "age", None)]),
    ([], ["age", "brand_new"], [], [("age", "age", None), ("brand_new", "brand_new", None)]),
    (
        [_mapper("field-renaming", originalFieldName="age", newFieldName="years")],
        ["age"],
        [],
        [("age", "years", None)],
    ),
    (
        [
            _mapper("field-renaming", originalFieldName="email", newFieldName="mail"),
            _mapper("hashing", targetField="mail", method="MD5", fieldNameSuffix="_h"),
        ],
        ["email"],
        [],
        [("email", "mail_h", "hashed (MD5)")],
    ),
    ([_mapper("field-filtering", targetField="email")], [], [], [("id", "id", None), ("age", "age", None)]),
    ([_mapper("row-filtering", conditions={"value": "secret"})], ["id"], [], [("id", "id", None)]),
    (
        [_mapper("encryption", targetField="email", algorithm="RSA", key="SECRET", fieldNameSuffix="_enc")],
        ["email"],
        [],
        [("email", "email_enc", "encrypted (RSA)")],
    ),
    (
        [_mapper("from-the-future", targetField="age")],
        ["age"],
        [],
        [("age", "age", "changed by the mapper 'from-the-future'")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("mappers", "selected", "key", "expected"), MAPPED)
def test_mappers(
    mappers: list[dict[str, Any]],
    selected: list[str],
    key: list[list[str]],
    expected: list[tuple[str, str, str | None]],
) -> None:
    connection = _connection(
        [
            {
                "name": "users",
                "mappers": mappers,
                "selectedFields": [{"fieldPath": [field]} for field in selected],
                "primaryKey": key,
            }
        ]
    )
    stream = connection.streams[0]
    found = mapped_fields(stream, ["id", "email", "age"])
    assert [(field.source, field.name, field.how) for field in found] == expected
    assert "SECRET" not in repr(stream) and "secret" not in repr(stream)


def test_an_unknown_mapper_is_named() -> None:
    connection = _connection([{"name": "u", "mappers": [_mapper("x"), _mapper("x"), HASH]}])
    assert unknown_mappers(connection.streams[0]) == ("x",)


CATALOGS: list[tuple[DestinationKind, str, dict[tuple[str, str], tuple[str, str]] | None, str, Confidence]] = [
    (SF, "my-s", None, "MY-S", Confidence.EXPECTED),
    (SF, "my-s", {("d", "my-s"): ("D", "MY-S")}, "MY-S", Confidence.EXACT),
    (SF, "my-s", {("d", "my_s"): ("D", "MY_S")}, "MY_S", Confidence.LEGACY),
    (SF, "users", {("d", "users"): ("D", "users")}, "users", Confidence.FOLDED),
    (SF, "users", {}, "USERS", Confidence.UNRESOLVED),
    (PG, "Users", {("d", "users"): ("d", "Users")}, "Users", Confidence.EXACT),
    (PG, "Users", {("d", "users"): ("d", "users")}, "users", Confidence.LEGACY),
    (RS, "1st", {("d", "1st"): ("d", "1st")}, "1st", Confidence.LEGACY),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "name", "tables", "table", "confidence"), CATALOGS)
def test_the_warehouse_decides(
    kind: DestinationKind,
    name: str,
    tables: dict[tuple[str, str], tuple[str, str]] | None,
    table: str,
    confidence: Confidence,
) -> None:
    connection = _connection([{"name": name}], namespaceDefinition="destination")
    candidates = places(kind, connection, ApiConfiguredStream(name=name), "d", ["id"])
    place, sure = located(candidates, tables)
    assert place is not None
    assert (place.table, sure) == (table, confidence)
