"""JSON schemas as types, names as columns: the protocol's rules as tables."""

from __future__ import annotations

from typing import Any

import pytest

from penstock.errors import ConfigError, UsageError
from penstock_airbyte.naming import column_names, rule_of
from penstock_airbyte.schema import LOAD_TYPES, airbyte_type, fields_of
from penstock_airbyte.secrets import secret_names, secret_values
from penstock_airbyte.validate import check_config


def _nested(field: Any, depth: int) -> Any:
    for _ in range(depth):
        field = {"oneOf": [field]}
    return field


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ({"type": "string"}, "string"),
        ({"type": ["null", "string"]}, "string"),
        ({"type": ["string", "null"], "format": "date"}, "date"),
        ({"type": "string", "format": "date-time"}, "timestamp_with_timezone"),
        (
            {"type": "string", "format": "date-time", "airbyte_type": "timestamp_without_timezone"},
            "timestamp_without_timezone",
        ),
        ({"type": "string", "format": "time"}, "time_with_timezone"),
        (
            {"type": "string", "format": "time", "airbyte_type": "time_without_timezone"},
            "time_without_timezone",
        ),
        ({"type": "string", "format": "email"}, "string"),
        ({"type": "integer"}, "integer"),
        ({"type": "number", "airbyte_type": "integer"}, "integer"),
        ({"type": "number"}, "number"),
        ({"type": "boolean"}, "boolean"),
        ({"type": "object", "properties": {}}, "object"),
        ({"type": ["array", "null"], "items": {}}, "array"),
        ({"type": ["string", "integer"]}, "union"),
        ({"oneOf": [{"type": "string"}, {"type": "null"}]}, "string"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "union"),
        ({"type": "null"}, "null"),
        ({}, "unknown"),
        (True, "unknown"),
        ({"type": "tuple"}, "unknown"),
        ({"type": 5}, "unknown"),
        ({"type": {"type": "string"}}, "unknown"),
        ({"type": [{"type": "string"}]}, "unknown"),
        ({"type": ["null", ["string"], "string"]}, "union"),
        (_nested({"type": "string"}, 900), "union"),
    ],
)
def test_types(field: Any, expected: str) -> None:
    assert airbyte_type(field) == expected


def test_every_type_has_a_way_into_the_warehouse() -> None:
    assert set(LOAD_TYPES.values()) >= {"json", "integer", "timestamp_tz"}
    assert fields_of({"type": "object"}) == {}
    assert fields_of({"properties": {"b": {"type": "string"}, "a": {"type": "integer"}}}) == {
        "b": "string",
        "a": "integer",
    }


def test_names_that_fall_together_are_counted_in_order() -> None:
    names = column_names(str.lower, ["Id", "id", "ID", "id_1", "_airbyte_raw_id"])
    assert list(names.values()) == ["id", "id_1", "id_2", "id_1_1", "_airbyte_raw_id_1"]


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_a_field_without_a_name_has_a_column_all_the_same(dialect: str) -> None:
    assert list(column_names(rule_of(dialect), ["", "_", "id"]).values()) == ["_", "__1", "id"]


def test_a_warehouse_without_a_rule_is_refused() -> None:
    with pytest.raises(UsageError, match="local syncs cannot write into mysql"):
        rule_of("mysql")


def test_secret_values_are_found_at_any_depth() -> None:
    spec = {
        "properties": {
            "auth": {"oneOf": [{"properties": {"key": {"type": "string", "airbyte_secret": True}}}]},
            "name": {"type": "string"},
        }
    }
    secrets = secret_values(
        spec, {"auth": {"key": "abc"}, "name": "abc-not-secret", "list": [{"key": "abcdef"}]}
    )
    assert secrets == ("abcdef", "abc")


PLACE = "airbyte.ingest.connections.shop.source.config"


def told(schema: dict[str, Any], config: dict[str, Any]) -> str:
    (note,) = check_config(config, schema, PLACE)
    return note


def test_a_pattern_that_is_none_here_is_left_out_and_said() -> None:
    """Specs are written for ECMAScript."""
    schema: dict[str, Any] = {
        "properties": {"name": {"type": "string", "pattern": r"^\p{L}+$"}, "count": {"type": "integer"}}
    }
    assert told(schema, {"name": "x"}) == (
        PLACE + r": the pattern '^\\p{L}+$' of the connector's spec was not checked"
    )
    with pytest.raises(ConfigError, match="count: 'many' is not of type 'integer'"):
        check_config({"name": "x", "count": "many"}, schema, PLACE)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"name": {"$ref": "#/definitions/gone"}}},
        {"properties": {"name": {"$ref": "http://127.0.0.1:1/elsewhere.json"}}},
        {"properties": {"name": {"$ref": "file:///etc/hostname"}}},
        {"properties": {"name": {"$ref": "#/properties/name"}}},
        {"properties": {"name": {"type": "strnig"}}},
        {"properties": {"name": {"minLength": "three"}}},
        {"properties": {"name": 7}},
        {"properties": ["name"]},
        {"patternProperties": {"(": {"type": "string"}}},
        {"required": 5},
        {"allOf": {"a": 1}},
    ],
)
def test_a_spec_that_cannot_be_followed_is_one_line_and_no_obstacle(schema: dict[str, Any]) -> None:
    note = told(schema, {"name": "x"})
    assert note.startswith(PLACE + " was not checked: the connector's spec cannot be followed (")
    assert "\n" not in note


def test_a_spec_as_deep_as_its_author_likes() -> None:
    schema: dict[str, Any] = {"properties": {"key": {"airbyte_secret": True}}}
    for _ in range(5_000):
        schema = {"allOf": [schema]}
    assert secret_names(schema) == {"key"}
