"""The one way in which YAML is read: plain values only, and one clear error for bombs of aliases, depth and broken text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from penstock.errors import ConfigError
from penstock.system.files import regular_bytes

_DEEPEST = 100
_MOST_REPEATED = 100_000  # nodes that aliases may add to what the document itself holds
# What PyYAML's constructors raise for values such as `!!int ""` or 2024-13-45.
WRONG_VALUE = (ValueError, TypeError, LookupError, AttributeError, OverflowError)


def load_yaml(text: str, where: Path | str) -> Any:
    """The document as plain values. Raises ConfigError with `where:line`."""
    root = compose_yaml(text, where)
    if root is None:
        return None
    try:
        return yaml.constructor.SafeConstructor().construct_document(root)
    except yaml.YAMLError as broken:
        raise _broken(broken, where) from None
    except WRONG_VALUE as wrong:
        raise ConfigError(f"broken YAML: {wrong}", where=str(where)) from None


def compose_yaml(text: str, where: Path | str) -> yaml.Node | None:
    """The document as nodes that are known to be finite and small enough to walk. Raises ConfigError with `where:line`."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        if _may_be_deep(text):
            _refuse_depth(text, loader, where)
        root: yaml.Node | None = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as broken:
        raise _broken(broken, where) from None
    except RecursionError:
        raise _too_deep(where, None) from None
    except UnicodeError:
        raise ConfigError("broken YAML: a character that is no text", where=str(where)) from None
    if root is not None:
        _Measure(where).of(root)
    return root


def read_text(path: Path, where: Path | str | None = None) -> str:
    """A text file in UTF-8, with or without its mark. Raises ConfigError; an OSError is the caller's."""
    try:
        return regular_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = wrong.object.count(b"\n", 0, wrong.start) + 1
        raise ConfigError(
            f"not UTF-8 text: byte 0x{wrong.object[wrong.start]:02x}",
            where=f"{where or path}:{line}",
            hint="save the file in UTF-8",
        ) from None


def _may_be_deep(text: str) -> bool:
    """Composing is recursive in C: a text of 200,000 brackets ends the process, so depth is looked at before."""
    openings = sum(text.count(mark) for mark in ("[", "{", "- ", "? ", "-\t", "?\t"))
    return openings > 5 * _DEEPEST or "\n" + " " * (2 * _DEEPEST) in text


def _refuse_depth(text: str, loader: Any, where: Path | str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise _too_deep(where, event)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


class _Measure:
    """How large and how deep a document is once every alias is followed."""

    def __init__(self, where: Path | str) -> None:
        self._where = where
        self._seen: dict[int, tuple[int, int]] = {}  # nodes below and levels below, itself included
        self._open: set[int] = set()

    def of(self, root: yaml.Node) -> None:
        whole, _ = self._measured(root, 1)
        if whole > len(self._seen) + _MOST_REPEATED:
            raise ConfigError(
                f"aliases repeat too much: the document grows to {whole:,} values", where=str(self._where)
            )

    def _measured(self, node: yaml.Node, depth: int) -> tuple[int, int]:
        key = id(node)
        if key in self._open:
            raise ConfigError("an alias stands inside of what it repeats", where=self._at(node))
        known = self._seen.get(key)
        if known is None:
            if depth > _DEEPEST:
                raise _too_deep(self._where, node)
            self._open.add(key)
            below = [self._measured(child, depth + 1) for child in _children(node)]
            self._open.discard(key)
            known = (1 + sum(size for size, _ in below), 1 + max((levels for _, levels in below), default=0))
            self._seen[key] = known
        if depth + known[1] - 1 > _DEEPEST:
            raise _too_deep(self._where, node)
        return known

    def _at(self, node: yaml.Node) -> str:
        return f"{self._where}:{node.start_mark.line + 1}"


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []


def _too_deep(where: Path | str, node: yaml.Node | yaml.Event | None) -> ConfigError:
    line = f":{node.start_mark.line + 1}" if node is not None and node.start_mark else ""
    return ConfigError(f"nested more than {_DEEPEST} levels deep", where=f"{where}{line}")


def _broken(broken: yaml.YAMLError, where: Path | str) -> ConfigError:
    if isinstance(broken, yaml.MarkedYAMLError):
        mark = broken.problem_mark or broken.context_mark
        place = f"{where}:{mark.line + 1}" if mark else str(where)
        return ConfigError(f"broken YAML: {broken.problem or broken.context}", where=place)
    first = str(broken).partition("\n")[0]
    return ConfigError(f"broken YAML: {first}", where=str(where))
