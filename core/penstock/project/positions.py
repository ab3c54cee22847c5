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


def overlaid(located: Located, path: YamlPath) -> Located:
    """As it reads with the mapping at `path` laid over the whole: mappings are joined key by key, all else takes the place of what was
    there. What stands in both as a mapping keeps its first line."""
    base, over = located.data, _at(located.data, path)
    if not isinstance(over, dict):
        return located
    depth = len(path)
    own = {one[depth:]: line for one, line in located.lines.items() if one[:depth] == path and one != path}
    instead = {
        one for one in own if not (isinstance(_at(base, one), dict) and isinstance(_at(over, one), dict))
    }
    kept = {
        one: line
        for one, line in located.lines.items()
        if not any(one[:end] in instead for end in range(1, len(one) + 1))
    }
    return Located(_laid_over(base, over), own | kept)


def _at(data: object, path: YamlPath) -> object:
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int):
            data = data[part] if part < len(data) else None
        else:
            return None
    return data


def _laid_over(base: object, over: object) -> object:
    if isinstance(base, dict) and isinstance(over, dict):
        return {**base, **{key: _laid_over(base.get(key), value) for key, value in over.items()}}
    return over


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
