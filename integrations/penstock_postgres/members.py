"""The members of a JSON object with each value's text as it stands. For objects that a decoder gives up on, or names twice."""

from __future__ import annotations

import re

import msgspec

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_decode_all = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Doubled(Exception):
    """An object names one of its members twice."""


def members(text: bytes, *, trusted: bool) -> dict[str, bytes]:
    """Name -> value's JSON text. Raises Doubled (unless `trusted`: then the last counts), and msgspec.DecodeError."""
    try:
        found = {name: bytes(value) for name, value in _decode_all(text).items()}
    except RecursionError:
        return _once(scanned(text))
    if trusted or _is_all(text, found):
        return found
    return _once(scanned(text))


def scanned(text: bytes) -> list[tuple[str, bytes]]:
    """Every member in order, however deep the values are. `text` is strict JSON."""
    found: list[tuple[str, bytes]] = []
    depth, name, start = 0, "", -1
    for token in _TOKEN.finditer(text):
        what = token[0]
        if depth == 1 and start < 0 and what[:1] == b'"' and not name:
            name = "\0" + msgspec.json.decode(what, type=str)
        elif depth == 1 and what == b":":
            start = token.end()
        elif depth == 1 and what in (b",", b"}"):
            if name:
                found.append((name[1:], text[start : token.start()].strip()))
            name, start = "", -1
        if what in (b"{", b"["):
            depth += 1
        elif what in (b"}", b"]"):
            depth -= 1
    return found


def _once(found: list[tuple[str, bytes]]) -> dict[str, bytes]:
    whole = dict(found)
    if len(whole) != len(found):
        raise Doubled("a row names a field twice")
    return whole


def _is_all(text: bytes, found: dict[str, bytes]) -> bool:
    """Whether the members found make up the whole text: its length tells, where it is written in a usual way."""
    count = len(found)
    size = 1 if not count else sum(map(len, found)) + sum(map(len, found.values())) + 4 * count + 1
    return len(text) in (size, size + 2 * count - 1)
