"""Which values of a configuration are secret, by the connector's own spec. Hiding them is `penstock.system.redaction`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def secret_names(specification: object) -> frozenset[str]:
    """Names of properties that the spec marks as secret, wherever they stand."""
    return frozenset(_marked(specification))


def secret_values(specification: object, config: object) -> tuple[str, ...]:
    """The secret values of a config, longest first (one may contain another)."""
    names = secret_names(specification)
    return tuple(sorted(set(_values(config, names)), key=len, reverse=True))


def _marked(specification: object) -> Iterator[str]:
    """A stack, no recursion: how deep a spec goes is its author's choice."""
    waiting = [specification]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        if not isinstance(node, Mapping):
            continue
        waiting.extend(node.values())
        properties = node.get("properties")
        if isinstance(properties, Mapping):
            for name, field in properties.items():
                if isinstance(field, Mapping) and field.get("airbyte_secret"):
                    yield str(name)


def _values(node: object, names: frozenset[str], secret: bool = False) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, child in node.items():
            yield from _values(child, names, secret or name in names)
    elif isinstance(node, list):
        for child in node:
            yield from _values(child, names, secret)
    elif secret and node is not None and str(node):
        yield str(node)
