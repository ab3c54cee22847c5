"""An integration's part of penstock.yml, checked against its own config type; errors name key, line and the nearest key."""

from __future__ import annotations

import re
import types
import typing
from typing import TypeVar

import msgspec

from penstock.errors import ConfigError, nearest_names
from penstock.project.positions import Located, YamlPath

T = TypeVar("T")
_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_PATH = re.compile(r" - at `(?:key in )?\$([^`]*)`")
_PART = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")


def convert_settings(raw: dict[str, object], kind: type[T], base: YamlPath, located: Located, file: str) -> T:
    """`raw` as `kind`. Raises ConfigError with the key's path below `base` and its line."""
    try:
        return msgspec.convert(raw, kind, strict=True)
    except msgspec.ValidationError as wrong:
        raise _error(str(wrong), raw, kind, base, located, file) from None


def _error(
    message: str, raw: dict[str, object], kind: object, base: YamlPath, located: Located, file: str
) -> ConfigError:
    pattern = _pattern(message)
    sentence = _PATH.sub("", message)
    unknown = _UNKNOWN.search(message)
    hint = None
    if unknown:
        known = sorted(_fields(kind, pattern))
        near = nearest_names(unknown[1], known)
        sentence = f"unknown key '{unknown[1]}'" + (f"; did you mean '{near[0]}'?" if near else "")
        hint = "known keys: " + ", ".join(known) if known else None
        pattern = (*pattern, unknown[1])
    path = _first_match(raw, pattern, kind) or ()
    line = located.line((*base, *path))
    shown = ".".join(str(part) for part in (*base, *path))
    text = (
        f"{shown}: {sentence}"
        if not unknown
        else f"{sentence} (in {'.'.join(str(p) for p in (*base, *path[:-1]))})"
    )
    return ConfigError(text, where=f"{file}:{line}" if line else file, hint=hint)


def _pattern(message: str) -> YamlPath:
    found = _PATH.search(message)
    parts: list[str | int] = []
    for name, index in _PART.findall(found[1] if found else ""):
        parts.append(name or (index if index == "..." else int(index)))
    return tuple(parts)


def _first_match(raw: object, pattern: YamlPath, kind: object) -> YamlPath | None:
    """The path in the data that the error means: msgspec says `[...]` for any key of a mapping, so each is tried alone."""
    if not pattern:
        return ()
    head, rest = pattern[0], pattern[1:]
    if head != "...":
        inner = _child(kind, head)
        child = raw.get(head) if isinstance(raw, dict) else raw[int(head)] if isinstance(raw, list) else None
        below = _first_match(child, rest, inner)
        return None if below is None else (head, *below)
    inner = _child(kind, head)
    for key, value in raw.items() if isinstance(raw, dict) else ():
        try:
            msgspec.convert(value, inner, strict=True)
        except msgspec.ValidationError:
            below = _first_match(value, rest, inner)
            return None if below is None else (key, *below)
    return None


def _fields(kind: object, pattern: YamlPath) -> set[str]:
    for part in pattern:
        kind = _child(kind, part)
    return {field.encode_name for struct in _structs(kind) for field in msgspec.structs.fields(struct)}


def _child(kind: object, part: str | int) -> object:
    for option in _options(kind):
        origin, arguments = typing.get_origin(option), typing.get_args(option)
        if origin is dict:
            return arguments[1]
        if origin in (list, tuple) and arguments:
            return arguments[0]
    for struct in _structs(kind):
        for field in msgspec.structs.fields(struct):
            if field.encode_name == part:
                return field.type
    return object


def _options(kind: object) -> tuple[object, ...]:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return typing.get_args(kind)
    return (kind,)


def _structs(kind: object) -> list[type[msgspec.Struct]]:
    return [
        option for option in _options(kind) if isinstance(option, type) and issubclass(option, msgspec.Struct)
    ]
