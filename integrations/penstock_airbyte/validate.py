"""A connector's configuration held against its own spec. Errors name the field, and never show a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from penstock.errors import ConfigError
from penstock_airbyte.secrets import secret_names

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

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


def check_config(
    config: Mapping[str, Any], specification: Mapping[str, object], place: str
) -> tuple[str, ...]:
    """Raises ConfigError for the first thing that the spec rejects; `place` is the config's path in penstock.yml.

    What of the spec cannot be applied is given back in words: the connector itself judges by it, we cannot.
    """
    from jsonschema.exceptions import best_match

    notes: list[str] = []
    try:
        error = best_match(_validator(specification, notes).iter_errors(config))
    except Exception as failed:  # what a schema of somebody else's makes a validator raise is no closed set
        reason = str(failed).strip().splitlines()[0][:200] if str(failed).strip() else type(failed).__name__
        return (f"{place} was not checked: the connector's spec cannot be followed ({reason})",)
    if error is not None:
        _refuse(error, secret_names(specification), place)
    return tuple(dict.fromkeys(f"{place}: {note}" for note in notes))


def _validator(specification: Mapping[str, object], notes: list[str]) -> Validator:
    """Fetches no reference from anywhere; a pattern that is none in Python is noted and left out."""
    import jsonschema
    from referencing import Registry

    def pattern(validator: object, wanted: object, value: object, schema: object) -> Iterator[object]:
        try:
            re.compile(str(wanted))
        except re.error:
            notes.append(f"the pattern {str(wanted)[:100]!r} of the connector's spec was not checked")
            return
        yield from jsonschema.Draft7Validator.VALIDATORS["pattern"](validator, wanted, value, schema)

    extend: Any = jsonschema.validators.extend
    kind = extend(jsonschema.Draft7Validator, {"pattern": pattern})
    made: Validator = kind(dict(specification), registry=Registry())
    return made


def _refuse(error: ValidationError, secret: frozenset[str], place: str) -> None:
    path = [str(part) for part in error.absolute_path]
    hidden = bool(secret & set(path))
    if error.validator == "required" and isinstance(error.instance, Mapping):
        missing = [name for name in _listed(error.validator_value) if name not in error.instance]
        raise ConfigError(f"{_joined(place, [*path, str(missing[0])])}: is required by the connector")
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
        extra = [str(name) for name in error.instance if name not in known]
        raise ConfigError(f"{_joined(place, [*path, extra[0]])}: is unknown to the connector")
    if error.validator in _SPEAKS_OF_VALUE and not hidden and not isinstance(error.instance, Mapping | list):
        raise ConfigError(f"{_joined(place, path)}: {error.message}")
    raise ConfigError(
        f"{_joined(place, path)}: does not match the connector's spec (rule: {error.validator})"
    )


def _joined(place: str, path: list[str]) -> str:
    return ".".join([place, *path])


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
