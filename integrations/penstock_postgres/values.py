"""One JSON value as a field of COPY's text format, per column type. Bytes in, bytes out; knows no table and no server.

A converter gives None for a value that its type does not hold, and Shortened for one that it holds in part.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal

import msgspec

from penstock_postgres.doubled import is_doubled

Converter = Callable[[bytes], bytes | None]
NULL = b"\\N"
_QUOTE = 0x22
_NUMBER = re.compile(r" *[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))? *")
_FINER = re.compile(r"\.[0-9]{6}[0-9]*[1-9]")  # finer than PostgreSQL's microseconds
_BIGINT = 2**63
_NUMERIC_BEFORE, _NUMERIC_AFTER = 131_072, 16_383  # the digits that a numeric holds
_NESTED = 1_000  # so many brackets are no reason to look how deep they go
_DEEPEST = 6_000  # what the server's default stack lets it read, and some to spare
# An escaped NUL (its backslash not escaped itself), and half a surrogate pair: JSON has them, PostgreSQL does not.
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
_ALONE = re.compile(
    rb"(?<!\\)((?:\\\\)*)(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
_EXTREME = re.compile(rb"[eE][+-]?[0-9]{4,}|[0-9]{16000,}")
_MANY = b"0" * 16_000
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"')
_BARE = bytes.maketrans(b"E123456789", b"e000000000")
# A day that is one whatever the year, at a time of which PostgreSQL reads the same moment as Python does: it is written as it stands.
_DAY = (
    rb"(?:1[0-9]|20)[0-9]{2}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    rb"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_NAIVE = rb'"' + _DAY + rb"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
USUAL_DAY = rb'"' + _DAY + rb'"'
USUAL_MOMENT = _NAIVE + rb'(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"'
_is_usual_day, _is_usual_moment = re.compile(USUAL_DAY).fullmatch, re.compile(USUAL_MOMENT).fullmatch
_decode_text = msgspec.json.Decoder(str).decode


class Shortened(bytes):
    """A value that is not whole any more."""


def escaped(text: bytes) -> bytes:
    """As COPY wants it: these four are all that it reads otherwise."""
    return text.replace(b"\\", rb"\\").replace(b"\t", rb"\t").replace(b"\n", rb"\n").replace(b"\r", rb"\r")


def string(raw: bytes) -> bytes | None:
    """Text; what is no string keeps its JSON."""
    if raw[0] != _QUOTE:
        return escaped(msgspec.json.format(raw, indent=-1))
    if b"\\" not in raw:
        return raw[1:-1]
    text, whole = _text(raw)
    written = escaped(text.encode())
    return written if whole else Shortened(written)


def _text(raw: bytes) -> tuple[str, bool]:
    """The string behind JSON text, without what PostgreSQL cannot store; and whether that is all of it."""
    try:
        text = _decode_text(raw)
    except msgspec.DecodeError:
        text = str(json.loads(raw)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return text.replace("\0", ""), False
    return (text.replace("\0", ""), False) if "\0" in text else (text, True)


def _bare(raw: bytes) -> str:
    """The text of a string, or the JSON text of anything else."""
    if raw[0] == _QUOTE and b"\\" not in raw:
        return raw[1:-1].decode()
    return _text(raw)[0] if raw[0] == _QUOTE else raw.decode()


def boolean(raw: bytes) -> bytes | None:
    if raw in (b"true", b'"true"'):
        return b"t"
    return b"f" if raw in (b"false", b'"false"') else None


def integer(raw: bytes) -> bytes | None:
    """A whole number of 64 bits; 3.0 is one, 1.5 is not."""
    digits = raw[1:] if raw[0] == 0x2D else raw
    if digits.isdigit() and len(digits) <= 18:
        return raw
    found = _number(_bare(raw))
    if found is None or found.adjusted() > 20:
        return None
    whole = int(found)
    return str(whole).encode() if found == whole and -_BIGINT <= whole < _BIGINT else None


def number(raw: bytes) -> bytes | None:
    """Any number: `numeric` holds every digit."""
    text = _bare(raw)
    if len(text) <= 40 and raw[0] != _QUOTE and text.replace(".", "", 1).lstrip("-").isdigit():
        return raw
    return text.strip().encode() if _number(text) is not None else None


def _number(text: str) -> Decimal | None:
    """The number, where `numeric` can hold it."""
    match = _NUMBER.fullmatch(text)
    if match is None or len(match[1] or "") > 7:
        return None
    found = Decimal(text)
    exponent = found.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > _NUMERIC_AFTER or found.adjusted() >= _NUMERIC_BEFORE:
        return None
    return found


def day(raw: bytes) -> bytes | None:
    if raw[0] != _QUOTE:
        return None
    if _is_usual_day(raw):
        return raw[1:-1]
    text = _bare(raw)
    try:
        return date.fromisoformat(text).isoformat().encode()
    except ValueError:
        found = _moment(text)
    if found is None:
        return None
    written = found.date().isoformat().encode()
    whole = found.time() == time() and not found.utcoffset()
    return _fine(written, text) if whole else Shortened(written)


def timestamp_tz(raw: bytes) -> bytes | None:
    return raw[1:-1] if _is_usual_moment(raw) else _timestamp(raw, b"+00")


def timestamp(raw: bytes) -> bytes | None:  # without a zone: in UTC where the text names one
    return _timestamp(raw, b"")


def _timestamp(raw: bytes, zone: bytes) -> bytes | None:
    if raw[0] != _QUOTE:
        return None
    text = _bare(raw)
    found = _moment(text)
    if found is None:
        return None
    try:
        naive = found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return None
    return _fine(naive.isoformat(" ").encode() + zone, text)


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text.strip().replace(" UTC", "+00:00"))
    except ValueError:
        return None


def clock(raw: bytes) -> bytes | None:
    return _clock(raw, zoned=False)


def clock_tz(raw: bytes) -> bytes | None:
    return _clock(raw, zoned=True)


def _clock(raw: bytes, *, zoned: bool) -> bytes | None:
    if raw[0] != _QUOTE:
        return None
    text = _bare(raw)
    if (
        ":" not in text[1:4]
    ):  # '2026' and '20260102' are no times of day, whatever ISO 8601 calls its basic format
        return None
    try:
        found = time.fromisoformat(text)
    except ValueError:
        return None
    if zoned:
        return _fine((found if found.tzinfo else found.replace(tzinfo=UTC)).isoformat().encode(), text)
    return None if found.tzinfo else _fine(found.isoformat().encode(), text)


def _fine(written: bytes, text: str) -> bytes:
    return Shortened(written) if "." in text and _FINER.search(text) else written


def document(raw: bytes) -> bytes | None:
    """JSON as `jsonb` can store it: no NUL, no half characters, no member twice, no number or depth beyond its limits."""
    if b"\\u" in raw:
        kept = _ALONE.sub(rb"\1\\ufffd", _NUL.sub(rb"\1", raw))
        if kept != raw:
            again = document(kept)
            return None if again is None else Shortened(again)
    too_deep = raw.count(b"[") + raw.count(b"{") > _NESTED and _depth(raw) > _DEEPEST
    if too_deep or (is_extreme(raw) and not _numbers_fit(raw)):
        return None
    return Shortened(escaped(raw)) if is_doubled(raw) else escaped(raw)


def is_extreme(raw: bytes) -> bool:
    """Whether JSON text may hold a number beyond every limit. The search alone would cost as much as all else."""
    if b"e0000" in (bare := raw.translate(_BARE, b"+-")) or _MANY in bare:
        return _EXTREME.search(raw) is not None
    return False


def _depth(raw: bytes) -> int:
    deepest = depth = 0
    for byte in _STRINGS.sub(b"", raw):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _numbers_fit(raw: bytes) -> bool:
    bare = _STRINGS.sub(b"", raw).decode()
    return all(_number(text) is not None for text in re.findall(r"-?[0-9][0-9.eE+-]*", bare))


CONVERTERS: dict[str, Converter] = {
    "string": string,
    "boolean": boolean,
    "integer": integer,
    "number": number,
    "date": day,
    "timestamp_tz": timestamp_tz,
    "timestamp": timestamp,
    "time_tz": clock_tz,
    "time": clock,
    "json": document,
}
