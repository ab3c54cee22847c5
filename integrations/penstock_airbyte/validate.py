"""A connector's configuration held against its own spec. Errors name the field, and never show a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from penstock.errors import ConfigError
from penstock_airbyte.secrets import secret_names

# Only these messages of jsonschema speak of nothing but the value itself and the rule.
_SPEAKS_OF_VALUE = frozenset(
    {
        "type",
        "enum",
        "const",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "pattern",
        "format",
        "minLength",
        "maxLength",
        "multipleOf",
    }
)


def check_config(config: Mapping[str, Any], specification: Mapping[str, Any], place: str) -> None:
    """Raises ConfigError for the first thing that the spec rejects; `place` is the config's path in penstock.yml."""
    import jsonschema
    from jsonschema.exceptions import best_match

    validator = jsonschema.Draft7Validator(dict(specification))
    error = best_match(validator.iter_errors(dict(config)))
    if error is None:
        return
    path = [str(part) for part in error.absolute_path]
    hidden = bool(secret_names(specification) & set(path))
    if error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        raise ConfigError(f"{_joined(place, [*path, str(missing[0])])}: is required by the connector")
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        known = error.schema.get("properties", {})
        extra = [str(name) for name in error.instance if name not in known]
        raise ConfigError(f"{_joined(place, [*path, extra[0]])}: is unknown to the connector")
    if error.validator in _SPEAKS_OF_VALUE and not hidden and not isinstance(error.instance, Mapping | list):
        raise ConfigError(f"{_joined(place, path)}: {error.message}")
    raise ConfigError(
        f"{_joined(place, path)}: does not match the connector's spec (rule: {error.validator})"
    )


def _joined(place: str, path: list[str]) -> str:
    return ".".join([place, *path])
