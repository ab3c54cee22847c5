"""Records as no well-behaved connector writes them, and what must be found of each in the table. Knows nothing of penstock.

A value is written as JSON text by hand, so that what was emitted is known exactly: `exact` is what a reader of that text must
get, or None where the text holds something that no column can keep as it is (then the row must say so).
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

FIELDS: dict[str, Any] = {
    "id": {"type": "integer"},
    "text": {"type": ["null", "string"]},
    "whole": {"type": ["null", "integer"]},
    "number": {"type": ["null", "number"]},
    "doc": {"type": ["null", "object"]},
    "at": {"type": ["null", "string"], "format": "date-time"},
}
MISSING = object()
# Fields that FIELDS does not declare, as JSON text, and what they are called.
OTHERS = {
    b'"Text"': "Text", b'""': "", b'"a\\"b"': 'a"b', b'"\xc3\xa9"': "\u00e9", b'"\\u0074ext "': "text ",
    b'"_airbyte_meta"': "_airbyte_meta", b'"other"': "other", b'"data"': "data",
}  # fmt: skip


@dataclass
class Value:
    """One field as it is written; `kept` is False where the text itself holds less than its source meant."""

    written: bytes
    exact: Any
    kept: bool = True


@dataclass
class Emitted:
    number: int
    values: dict[str, Value]
    line: bytes
    noted: set[str] = field(default_factory=set)  # fields that must be named in the row's changes
    others: set[str] = field(default_factory=set)  # fields with a value that no column takes


def _text(chance: random.Random) -> Value:
    kind = chance.randrange(9)
    plain = "".join(
        chance.choice('ab "\\\n\t/\u00e9\u2028\U0001f600<>{}[]:,') for _ in range(chance.randrange(12))
    )
    escaped = json.dumps(plain, ensure_ascii=chance.random() < 0.5).encode()
    if kind == 0:
        return Value(escaped[:-1] + b'\\ud83d"', None, kept=False)
    if kind == 1:
        return Value(escaped[:-1] + b'\\ude00x"', None, kept=False)
    if kind == 2:
        return Value(
            escaped[:-1] + chance.choice([b"\xe9", b"\xff\xfe", b"\xc3", b"\xed\xa0\xbd"]) + b'"',
            None,
            kept=False,
        )
    if kind == 3:
        return Value(b'"' + b"a\\u0000b" + b'"', "a\0b")
    if kind == 4:
        return Value(b'"' + b"raw\ttab\x01" + b'"', "raw\ttab\x01")
    if kind == 5:
        return Value(b'"' + b"x" * chance.choice([10, 5_000, 70_000]) + b'"', MISSING)
    if kind == 6:
        return Value(
            chance.choice(
                [b'"NaN"', b'"null"', b'"{}"', b'"\\\\ud83d"', b'": NaN"', b'"12345678901234567.123"']
            ),
            MISSING,
        )
    return Value(escaped, plain)


_NUMBERS = (
    "0", "-0.0", "1", "1.50", "0.1", "1e2", "1E-7", "9007199254740993", "1234567890123456789", "-98765432109876543210",
    "0.30000000000000001", "1.00000000000000000001", "3.141592653589793238", "1e308", "1e309", "-1e400", "1e-400",
    "123456789012345678901234567890.5", "0.1234567890123456", "5e-324", "1e40", "2.5e-12",
)  # fmt: skip


def _number(chance: random.Random) -> Value:
    if chance.random() < 0.15:
        return Value(chance.choice([b"NaN", b"Infinity", b"-Infinity"]), None, kept=False)
    if chance.random() < 0.4:
        written = repr(chance.uniform(-1e6, 1e6))
    else:
        written = chance.choice(_NUMBERS)
    return Value(f'"{written}"'.encode() if chance.random() < 0.1 else written.encode(), Decimal(written))


def _whole(chance: random.Random) -> Value:
    written = chance.choice(
        ["0", "1.0", "-5", "9007199254740993", "9223372036854775807", "9223372036854775808", "1e3", "1.5",
         "1.00000000000000000001", "-12345678901234567890123", "true", '"12"', '"many"']
    )  # fmt: skip
    try:
        return Value(written.encode(), Decimal(written.strip('"')))
    except ArithmeticError:
        return Value(written.encode(), MISSING, kept=False)


def _doc(chance: random.Random) -> Value:
    kind = chance.randrange(7)
    if kind == 0:
        depth = chance.choice([3, 200, 3_000])
        return Value(b'{"a":' + b"[" * depth + b"1" + b"]" * depth + b"}", MISSING)
    if kind == 1:
        return Value(b'{"a":[NaN,1]}', None, kept=False)
    if kind == 2:
        return Value(b'{"a":"\\ud83d","b":{"c":"\xe9"}}', None, kept=False)
    if kind == 3:
        return Value(b'{"a":0.30000000000000001}', None, kept=False)
    if kind == 4:
        return Value(b'{"a":123456789012345678901234567890,"b":1,"b":2}', MISSING)
    content = {"k\u00e9": [1, 2.5, None, True, "\u2028"], "empty": {}}
    return Value(json.dumps(content, ensure_ascii=chance.random() < 0.5).encode(), content)


def _at(chance: random.Random) -> Value:
    second = chance.randrange(60)
    kind = chance.randrange(3)
    if kind == 0:
        return Value(f'"2026-01-01T00:00:{second:02}.1234567Z"'.encode(), None, kept=False)
    if kind == 1:
        return Value(b'"2026-02-31T00:00:00Z"', None, kept=False)
    return Value(f'"2026-01-01T00:00:{second:02}Z"'.encode(), f"2026-01-01 00:00:{second:02}")


_MAKERS = {"text": _text, "whole": _whole, "number": _number, "doc": _doc, "at": _at}


def emitted(number: int, chance: random.Random) -> Emitted:
    """One record; its layout varies too."""
    values = {name: make(chance) for name, make in _MAKERS.items() if chance.random() < 0.45}
    members = [
        b'"id":%d' % number,
        *(b'"%s":%s' % (name.encode(), value.written) for name, value in values.items()),
    ]
    record = Emitted(number, values, b"")
    record.noted |= {name for name, value in values.items() if not value.kept}
    if values and chance.random() < 0.1:
        name = chance.choice(sorted(values))
        members.insert(chance.randrange(len(members)), b'"%s":null' % name.encode())
        record.noted.add(name)
    while chance.random() < 0.15:
        _add_other(record, members, chance)
    comma = chance.choice([b",", b", ", b" ,\t"])
    record.line = _enveloped(b"{" + comma.join(members) + b"}", record, chance)
    return record


def _add_other(record: Emitted, members: list[bytes], chance: random.Random) -> None:
    """Of one that is named twice, the last counts."""
    name = chance.choice(sorted(OTHERS))
    value = chance.choice([b"1", b'"x"', b"{}", b'"\\ud83d"', b"NaN", b'[{"text":"\\""}]', b"null"])
    members.append(name + b":" + value)
    (record.others.discard if value in (b"null", b"NaN") else record.others.add)(OTHERS[name])


def _enveloped(data: bytes, record: Emitted, chance: random.Random) -> bytes:
    parts = [b'"stream":"users"', b'"data":' + data, b'"emitted_at":1767268800000']
    if chance.random() < 0.2:
        chance.shuffle(parts)
    if chance.random() < 0.1:
        parts.append(
            b'"meta":{"changes":[{"field":"own","change":"NULLED","reason":"SOURCE_RETRIEVAL_ERROR"}]}'
        )
        record.noted.add("own")
    body = b'"record":{' + b",".join(parts) + b"}"
    whole = [b'"type":"RECORD"', body]
    if chance.random() < 0.2:
        whole.reverse()
    line = b"{" + chance.choice([b",", b", "]).join(whole) + b"}"
    return line + chance.choice([b"\n", b"\n", b"\r\n", b" \n"])


NOISE = (
    b"plain words\n",
    b"\xff\xfe\x00\n",
    b"[1]\n",
    b"\n",
    b'{"type":"LOG","log":{"level":"INFO","message":"RECORD"}}\n',
)
TORN = (
    b'{"type":"RECORD","record":{"stream":"users","data":{"id":1\n',
    b'{"type":"RECORD","record":{"stream":"users","data":[1],"emitted_at":1}}\n',
    b'{"type":"RECORD","record":{"stream":"users","data":"x","emitted_at":1}}\n',
    b'{"type":"RECORD","record":{"stream":"users","data":{"id":01},"emitted_at":1}}\n',
    b'a word {"type":"RECORD","record":{"stream":"users","data":{"id":1},"emitted_at":1}}\n',
)


def state(number: int) -> bytes:
    content = {
        "type": "STREAM",
        "stream": {"stream_descriptor": {"name": "users"}, "stream_state": {"id": number}},
    }
    return json.dumps({"type": "STATE", "state": content}).encode() + b"\n"
