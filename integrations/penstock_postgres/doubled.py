"""Whether an object inside a document names a member twice: `jsonb` keeps the last one only. Pure; texts are strict JSON."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:]', re.DOTALL)
_BY_NUMBER = b"\\u0022"
_TWO_NAMES = 4  # quotation marks
_decode_lines = msgspec.json.Decoder().decode_lines


def none_doubled(documents: bytes, between: bytes) -> bool:
    """Whether no document of many names a member twice. False may be wrong; True never is."""
    return _all_kept(documents, lambda: _decode_lines(documents.replace(between, b"\n")))


def is_doubled(document: bytes) -> bool:
    """Whether an object of this document names a member twice, however deep it lies."""
    if _all_kept(document, lambda: msgspec.json.decode(document)):
        return False
    names: list[set[str] | None] = []  # of each object that is open; None: a list
    last = b""
    for token in _TOKEN.finditer(document):
        what = token[0]
        if what in (b"{", b"["):
            names.append(set() if what == b"{" else None)
        elif what in (b"}", b"]"):
            names.pop()
        elif what == b":":
            open_ = names[-1] if names else None
            name = msgspec.json.decode(last, type=str)
            if open_ is not None and name in open_:
                return True
            if open_ is not None:
                open_.add(name)
        last = what
    return False


def _all_kept(text: bytes, decode: Callable[[], object]) -> bool:
    """A member that goes takes the two quotation marks of its name with it, when the text is read and written again. One that is
    written by its number would come back as a mark, and stand for it."""
    if _BY_NUMBER in text:
        return False
    marks = text.count(b'"')
    if marks < _TWO_NAMES or b"{" not in text:
        return True
    try:
        return msgspec.json.encode(decode()).count(b'"') == marks
    except (RecursionError, msgspec.DecodeError):
        return False
