"""Patterns: shell wildcards on names, globs on project paths. Text in, predicates out."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable

_WILD = re.compile(r"[*?\[]")
Segments = tuple[str, ...]


def is_wild(pattern: str) -> bool:
    return _WILD.search(pattern) is not None


def wildcard(pattern: str) -> Callable[[str], bool]:
    """A predicate for names: equality, or `*`, `?`, `[seq]` where the pattern has them."""
    if not is_wild(pattern):
        return pattern.__eq__
    match = re.compile(fnmatch.translate(pattern)).match
    return lambda name: match(name) is not None


def segments(path: str) -> Segments:
    """A path's parts from the project's root, without what `./` and doubled separators add."""
    return tuple(part for part in path.replace("\\", "/").split("/") if part not in ("", "."))


def with_parents(path: Segments) -> Iterable[Segments]:
    """The path itself and every folder above it, the root `()` included."""
    return (path[:end] for end in range(len(path), -1, -1))


def path_glob(pattern: str) -> Callable[[Segments], bool]:
    """A predicate for whole paths: `*` stays inside one folder, `**` is any number of folders."""
    parts = [None if part == "**" else wildcard(part) for part in segments(pattern)]

    def matches(path: Segments, at: int = 0) -> bool:
        for position in range(at, len(parts)):
            part = parts[position]
            if part is None:
                return any(matches(path[skip:], position + 1) for skip in range(len(path) + 1))
            if not path or not part(path[0]):
                return False
            path = path[1:]
        return not path

    return matches
