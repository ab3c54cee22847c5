"""Half surrogate pairs in JSON text, as a plain writer cuts an emoji: repaired; or held as text that any decoder reads, until they
are written again. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

_ESCAPED = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_GLYPH = b"\\ufffd"
_HELD = b"\\ufffe"  # no character: before the four digits of a half, and before itself

_RAW = "\ufffe".encode()


def repaired(text: bytes) -> bytes:
    """Without halves: each is the sign for what is no character."""
    return _replaced(text, ((start, end, _GLYPH) for start, end in _halves(text)))


def held(text: bytes) -> bytes:
    """The same text for `written`, and without halves for everybody else: a state must go back as it came."""
    text = text.replace(_RAW, _HELD)
    if b"\\u" not in text:
        return text
    found = [(start, end, _HELD + text[start + 2 : end]) for start, end in _halves(text)]
    found += [
        (escape.start(), escape.end(), _HELD + _HELD)
        for escape in _ESCAPED.finditer(text)
        if escape[0] == _HELD
    ]
    return _replaced(text, iter(sorted(found)))


def written(text: bytes) -> bytes:
    """What was `held`, as it came."""
    text = text.replace(_RAW, _HELD)  # a name was read in between, and written again
    if _HELD not in text:
        return text
    found = []
    at = 0
    for escape in _ESCAPED.finditer(text):
        if escape[0] != _HELD or escape.start() < at:
            continue
        itself = text.startswith(_HELD, escape.end())
        at = escape.end() + (len(_HELD) if itself else 4)
        found.append((escape.start(), at, _HELD if itself else b"\\u" + text[escape.end() : at]))
    return _replaced(text, iter(found))


def _halves(text: bytes) -> Iterator[tuple[int, int]]:
    """Where each stands that has no other half beside it."""
    waiting: re.Match[bytes] | None = None
    for escape in _ESCAPED.finditer(text):
        code = int(escape[1], 16) if escape[1] else 0
        high, low = 0xD800 <= code < 0xDC00, 0xDC00 <= code < 0xE000
        if waiting is not None and low and escape.start() == waiting.end():
            waiting = None
            continue
        if waiting is not None:
            yield waiting.span()
        waiting = escape if high else None
        if low:
            yield escape.span()
    if waiting is not None:
        yield waiting.span()


def _replaced(text: bytes, places: Iterator[tuple[int, int, bytes]]) -> bytes:
    parts, at = [], 0
    for start, end, new in places:
        parts += [text[at:start], new]
        at = end
    return b"".join((*parts, text[at:])) if parts else text
