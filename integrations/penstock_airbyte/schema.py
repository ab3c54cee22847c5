"""A stream's JSON schema as typed fields, by the Airbyte Protocol's rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping

# Airbyte's word for a type -> the loading contract's.
LOAD_TYPES = {
    "string": "string",
    "boolean": "boolean",
    "integer": "integer",
    "number": "number",
    "date": "date",
    "timestamp_with_timezone": "timestamp_tz",
    "timestamp_without_timezone": "timestamp",
    "time_with_timezone": "time_tz",
    "time_without_timezone": "time",
    "object": "json",
    "array": "json",
    "union": "json",
    "unknown": "json",
}

_DEEPEST = 50  # so far options of options are followed


def fields_of(schema: Mapping[str, object]) -> dict[str, str]:
    """Top-level field -> Airbyte type, in the schema's order."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    return {str(name): airbyte_type(field) for name, field in properties.items()}


def descriptions_of(schema: Mapping[str, object]) -> dict[str, str]:
    """Top-level field -> what the source says about it; only those of which it says something."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    return {
        str(name): str(field["description"])
        for name, field in properties.items()
        if isinstance(field, Mapping) and field.get("description")
    }


def airbyte_type(field: object, depth: int = 0) -> str:
    """The type of one field; `union` when it may hold more than one, `unknown` when the schema does not say, or not in a way that
    JSON schemas have: `{"type": 5}`."""
    if not isinstance(field, Mapping):
        return "unknown"
    options = field.get("oneOf") or field.get("anyOf")
    if isinstance(options, list):
        if depth >= _DEEPEST:
            return "union"
        found = {airbyte_type(option, depth + 1) for option in options} - {"null"}
        return found.pop() if len(found) == 1 else "union"
    declared = field.get("type")
    names = declared if isinstance(declared, list) else [] if declared is None else [declared]
    kinds = {name if isinstance(name, str) else "unknown" for name in names} - {"null"}
    if not kinds:
        return "null" if names else "unknown"
    return _refined(kinds.pop(), field) if len(kinds) == 1 else "union"


def _refined(kind: str, field: Mapping[str, object]) -> str:
    special = field.get("airbyte_type")
    if kind == "string":
        match field.get("format"):
            case "date":
                return "date"
            case "date-time":
                bare = special == "timestamp_without_timezone"
                return "timestamp_without_timezone" if bare else "timestamp_with_timezone"
            case "time":
                bare = special == "time_without_timezone"
                return "time_without_timezone" if bare else "time_with_timezone"
        return "string"
    if kind == "number" and special == "integer":
        return "integer"
    return kind if kind in LOAD_TYPES else "unknown"
