"""The entry points of the installed packages, read from their files. Only loading them and listing them: to load the standard
library's own reader (email, zip archives, csv) costs each command more than all that it tells."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from typing import NamedTuple

_INFO = (".dist-info", ".egg-info")
_SEPARATORS = re.compile(r"[-_.]+")
_VALUE = re.compile(r"(?P<module>[\w.]+)\s*(?::\s*(?P<attribute>[\w.]+))?\s*(?:\[.*\])?\s*$")


class EntryPoint(NamedTuple):
    """`value` is `module:attribute`, as its package has written it."""

    name: str
    value: str

    def load(self) -> object:
        """Raises ImportError and AttributeError for what is not there, and what importing it raises."""
        match = _VALUE.match(self.value)
        if match is None:
            raise ImportError(f"'{self.value}' is no module:attribute")
        found: object = import_module(match["module"])
        for part in (match["attribute"] or "").split("."):
            if part:
                found = getattr(found, part)
        return found


def entry_points(group: str) -> dict[str, EntryPoint]:
    """Those of one group by name, sorted. Where two packages have one of the same name, the later one on the path has it."""
    found = (one for package in _packages() for one in package.get(group, ()))
    return {one.name: one for one in sorted(found, key=lambda one: one.name)}


@cache
def _packages() -> tuple[dict[str, list[EntryPoint]], ...]:
    """The entry points by group of each package that has some, in the order of the path; a package counts where it is met first."""
    if not _plain():
        return _as_the_library_reads()
    seen: set[str] = set()
    found: list[dict[str, list[EntryPoint]]] = []
    for folder in _folders():
        for name, info in _infos(folder or "."):
            if name not in seen:
                seen.add(name)
                found.append(groups(_text(f"{info}/entry_points.txt")))
    return tuple(found)


def _plain() -> bool:
    """Whether packages lie in folders alone: archives and importers of other tools are left to the standard library."""
    return not any(os.path.isfile(one) or one.endswith((".egg", ".egg/")) for one in _folders()) and not any(  # noqa: PTH113
        hasattr(finder, "find_distributions") for finder in sys.meta_path if finder is not PathFinder
    )


def _folders() -> list[str]:
    """Other tools put paths there as objects; Python itself passes them over, the standard library's reader does not."""
    return [os.fspath(one) for one in sys.path if isinstance(one, str | os.PathLike)]


def _infos(folder: str) -> Iterator[tuple[str, str]]:
    """By plain paths: as objects a hundred packages cost twice as much."""
    try:
        names = [name for name in os.listdir(folder) if name.endswith(_INFO)]  # noqa: PTH208
    except OSError:
        return
    for name in names:
        package = name.rpartition(".")[0].partition("-")[0]
        yield _SEPARATORS.sub("_", package).lower(), f"{folder}/{name}"


def _text(file: str) -> str:
    try:
        with open(file, encoding="utf-8") as text:  # noqa: PTH123
            return text.read()
    except (OSError, ValueError):
        return ""  # most packages have none; one that cannot be read has none either


def groups(text: str) -> dict[str, list[EntryPoint]]:
    """What an entry_points.txt holds, by group."""
    found: dict[str, list[EntryPoint]] = {}
    group: list[EntryPoint] = []
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = found.setdefault(line[1:-1].strip(), [])
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            group.append(EntryPoint(name.strip(), value.strip()))
    return found


def _as_the_library_reads() -> tuple[dict[str, list[EntryPoint]], ...]:
    from importlib.metadata import distributions

    seen: set[str] = set()
    found: list[dict[str, list[EntryPoint]]] = []
    for one in distributions():
        name = _SEPARATORS.sub("_", one.name or "").lower()
        if name not in seen:
            seen.add(name)
            found.append(groups(one.read_text("entry_points.txt") or ""))
    return tuple(found)
