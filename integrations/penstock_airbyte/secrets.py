"""Which values of a connector's configuration are secret, by its own spec; and texts without them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def secret_names(specification: Any) -> frozenset[str]:
    """Names of properties that the spec marks as secret, wherever they stand."""
    return frozenset(_marked(specification))


def secret_values(specification: Any, config: Any) -> tuple[str, ...]:
    """The secret values of a config, longest first (one may contain another)."""
    names = secret_names(specification)
    return tuple(sorted(set(_values(config, names)), key=len, reverse=True))


def hidden(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, "***")
    return text


def _marked(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        properties = node.get("properties")
        if isinstance(properties, Mapping):
            for name, field in properties.items():
                if isinstance(field, Mapping) and field.get("airbyte_secret"):
                    yield str(name)
        for child in node.values():
            yield from _marked(child)
    elif isinstance(node, list):
        for child in node:
            yield from _marked(child)


def _values(node: Any, names: frozenset[str], secret: bool = False) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield from _values(child, names, secret or name in names)
    elif isinstance(node, list):
        for child in node:
            yield from _values(child, names, secret)
    elif secret and node is not None and str(node):
        yield str(node)
