"""YAML with the line of every key: what errors about a document need. Parses; judges nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from penstock.errors import ConfigError
from penstock.system.safe_yaml import WRONG_VALUE, compose_yaml

YamlPath = tuple[str | int, ...]


class Located:
    """Plain data, and for each path into it the line (from 1) where its key stands."""

    __slots__ = ("data", "lines")

    def __init__(self, data: object, lines: dict[YamlPath, int]) -> None:
        self.data = data
        self.lines = lines

    def line(self, path: YamlPath) -> int | None:
        """The line of the path, or of the nearest key above it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return None


def read_yaml(text: str, file: Path | str) -> Located:
    """Data with positions. Raises ConfigError with file:line for broken YAML and for a key given twice."""
    root = compose_yaml(text, file)
    lines: dict[YamlPath, int] = {}
    if root is None:
        return Located({}, lines)
    constructor = yaml.SafeLoader("")
    constructor.flatten_mapping = lambda node: None  # type: ignore[method-assign]  # merge keys are handled below
    return Located(_plain(root, (), lines, file, constructor), lines)


def _plain(
    node: yaml.Node, path: YamlPath, lines: dict[YamlPath, int], file: Path | str, scalars: Any
) -> object:
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, file, scalars)
    if isinstance(node, yaml.SequenceNode):
        values = []
        for index, child in enumerate(node.value):
            lines[(*path, index)] = child.start_mark.line + 1
            values.append(_plain(child, (*path, index), lines, file, scalars))
        return values
    try:
        return scalars.construct_object(node, deep=True)
    except (yaml.YAMLError, *WRONG_VALUE) as broken:
        raise ConfigError(
            f"cannot read this value: {broken}", where=f"{file}:{node.start_mark.line + 1}"
        ) from None


def _mapping(
    node: yaml.MappingNode, path: YamlPath, lines: dict[YamlPath, int], file: Path | str, scalars: object
) -> dict[str, object]:
    merged: dict[str, object] = {}
    own: dict[str, object] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if key_node.tag == "tag:yaml.org,2002:merge":
            bases = value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]
            for base in bases:
                inherited = _plain(base, path, lines, file, scalars)
                merged = {**inherited, **merged} if isinstance(inherited, dict) else merged
            continue
        if not isinstance(key_node, yaml.ScalarNode):
            raise ConfigError("a key must be a plain word", where=f"{file}:{line}")
        key = str(key_node.value)
        if key in own:
            raise ConfigError(f"the key '{key}' stands twice", where=f"{file}:{line}")
        lines[(*path, key)] = line
        own[key] = _plain(value_node, (*path, key), lines, file, scalars)
    return {**merged, **own}
