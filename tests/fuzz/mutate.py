"""Broken inputs from good ones: bytes, lines, tokens and values of a document are changed by a seeded chance."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

ODD_BYTES = (
    b"",
    b"\x00",
    b"\xff",
    b"\xed\xa0\xbd",  # half of a character
    b"\xef\xbb\xbf",
    b"\x1b[2J",
    b"\r",
    b"\n",
    b"\t",
    b"'",
    b'"',
    b"`",
    b"\\",
    b"${",
    b"${file:/dev/zero}",
    b"{{",
    b"{%",
    b"&a",
    b"*a",
    b"<<: *a",
    b"!!int ''",
    b"- - - -",
    b"[" * 300,
    b"(" * 300,
    b"9" * 5000,
    b"-1",
    b"1e400",
    b"NaN",
    b"null",
    b"2024-13-45",
    b"../../x",
    b"/dev/stdin",
    b"a" * 3000,
    "été漢😀\u202e".encode(),
)
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**30,
    1e300,
    "",
    "yesterday",
    "\x00",
    "${X}",
    "${file:.}",
    "../../x",
    "\x1b[31m",
    "x" * 2000,
    [],
    {},
    [[]],
    [None],
    {"a": {"b": []}},
)


def mutated(seed: bytes, other: bytes, chance: random.Random) -> bytes:
    """One broken input; `other` is a good one whose pieces may be mixed in."""
    if chance.random() < 0.35 and (document := _document(seed)) is not None:
        return _changed_values(document, chance)
    data = bytearray(seed)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
        _change(data, other, chance)
    return bytes(data)


def _change(data: bytearray, other: bytes, chance: random.Random) -> None:
    at = chance.randrange(len(data) + 1)
    length = min(len(data) - at, chance.choice((1, 1, 2, 5, 20, 200)))
    match chance.randrange(8):
        case 0:
            data[at : at + 1] = bytes([chance.randrange(256)])
        case 1:
            del data[at : at + length]
        case 2:
            data[at:at] = chance.choice(ODD_BYTES)
        case 3:
            data[at : at + length] = chance.choice(ODD_BYTES)
        case 4:
            data[at:at] = data[at : at + length] * chance.choice((1, 2, 30))
        case 5:
            start = chance.randrange(len(other) + 1)
            data[at : at + length] = other[start : start + length]
        case 6:
            del data[at:]
        case _:
            lines = bytes(data).split(b"\n")
            chance.shuffle(lines)
            data[:] = b"\n".join(lines)


def _document(seed: bytes) -> Any:
    try:
        found = json.loads(seed)
    except ValueError:
        return None
    return found if isinstance(found, dict | list) else None


def _changed_values(document: Any, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 5))):
        container, key = _somewhere(document, chance)
        if container is None:
            break
        if isinstance(container, dict) and chance.random() < 0.2:
            del container[key]
        elif isinstance(container, dict) and chance.random() < 0.15:
            container[chance.choice(("", "\x00", "a.b", "x" * 300, key + "x"))] = container.pop(key)
        else:
            container[key] = copy.deepcopy(chance.choice(ODD_VALUES))
    return json.dumps(document).encode()


def _somewhere(document: Any, chance: random.Random) -> tuple[Any, Any]:
    """A place in the document, any depth as likely as another."""
    places: list[tuple[Any, Any]] = []
    waiting = [document]
    while waiting:
        node = waiting.pop()
        entries = list(node.items()) if isinstance(node, dict) else list(enumerate(node))
        for key, value in entries:
            places.append((node, key))
            if isinstance(value, dict | list):
                waiting.append(value)
    return chance.choice(places) if places else (None, None)
