"""One RECORD line that is not plain, read as far as it can be: what is repaired is noted, what is not JSON is refused. Pure.

Iterative on purpose: a record may be nested deeper than any recursion goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from math import isinf

import msgspec

from penstock_airbyte.plain import is_exact
from penstock_manifests.airbyte import held, repaired

# What a value went through, in Airbyte's words. TRUNCATED: part of it is gone; NULLED: all of it.
_LOST_TEXT = ("TRUNCATED", "SOURCE_SERIALIZATION_ERROR")
_NO_NUMBER = ("NULLED", "SOURCE_SERIALIZATION_ERROR")
_ROUNDED = ("TRUNCATED", "DESTINATION_TYPECAST_ERROR")
_DOUBLED = ("TRUNCATED", "SOURCE_SERIALIZATION_ERROR")

_TOKEN = re.compile(
    rb'[ \t\r\n]*(?:(?P<mark>[{}\[\]:,])|(?P<text>"(?:[^"\\]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")'
    rb"|(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?(?![0-9.eE+-]))"
    rb"|(?P<word>true|false|null)\b|(?P<none>[-+]?(?:nan|inf(?:inity)?))\b)",
    re.DOTALL | re.IGNORECASE,
)
_SPACE = b" \t\r\n"
_CONTROL = re.compile(rb"[\x00-\x1f]")
# In a line that is no JSON: so a program prints a record that it has not written as JSON, too.
_RECORD = re.compile(rb"""(["'])type\1\s*:\s*(["'])RECORD\2|(["'])record\3\s*:\s*\{""")
_STATE = re.compile(rb"""\s*\{(?:\s*(["'])state\1\s*:|.*(["'])type\2\s*:\s*(["'])STATE\3)""", re.DOTALL)
_MARK = b"\xef\xbb\xbf"


class Unreadable(Exception):
    """A line that must not be passed over, and cannot be read."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a RECORD line: JSON texts as they were written."""

    stream: str
    namespace: str | None
    data: bytes
    emitted_at: bytes
    changes: bytes | None


def record_in(line: bytes) -> Found | None:
    """The record of a line; None for a line that is something else. Raises Unreadable for a record that cannot be read."""
    line = line.removeprefix(_MARK).strip(_SPACE)
    try:
        envelope = dict(_members(line))
    except _Malformed as error:
        if _RECORD.search(_narrow(line)):
            raise Unreadable(f"a record is not JSON ({error})") from None
        return None
    if _plain_text(envelope.get("type", b"")) != "RECORD":
        _refuse_nameless(envelope)
        return None
    record = _object(envelope.get("record"), "a RECORD message has no record")
    stream = _plain_text(record.get("stream", b""))
    if stream is None:
        raise Unreadable("a record names no stream")
    where = f"a record of '{stream}'"
    emitted = record.get("emitted_at", b"null")
    if emitted != b"null" and not _is_number(emitted):
        raise Unreadable(f"{where} has an emitted_at that is no number")
    if emitted != b"null" and isinf(float(emitted)):
        emitted = b"null"
    data = record.get("data", b"null")
    if not data.startswith(b"{"):
        raise Unreadable(f"{where} has data that is no object: {data[:40].decode(errors='replace')}")
    return Found(
        stream=stream,
        namespace=_plain_text(record.get("namespace", b"null")) or None,
        data=data,
        emitted_at=emitted,
        changes=_changes(record.get("meta", b"null"), where),
    )


def mended(found: Found, types: Mapping[str, str]) -> tuple[dict[str, bytes], list[bytes]]:
    """The record's fields as strict JSON, and what was changed in the columns (field -> type in `types`), each as JSON."""
    values: dict[str, bytes] = {}
    changes: dict[str, tuple[str, str]] = {}
    for name, value in _members(found.data):
        if name in values:
            changes[name] = _DOUBLED
        values[name], fault = _mended_value(value, types.get(name))
        if fault is not None:
            changes[name] = fault
    return values, [
        msgspec.json.encode({"field": name, "change": change, "reason": reason})
        for name, (change, reason) in changes.items()
        if name in types
    ]


def written(found: Found, values: Mapping[str, bytes], changes: Sequence[bytes]) -> bytes:
    """The record with these fields, and with these among its changes, as one line."""
    own = [found.changes.strip(_SPACE)[1:-1].strip(_SPACE)] if found.changes else []
    data = b",".join(msgspec.json.encode(name) + b":" + value for name, value in values.items())
    space = b'"namespace":' + msgspec.json.encode(found.namespace) + b"," if found.namespace else b""
    return b"".join(
        (
            b'{"type":"RECORD","record":{',
            space,
            b'"stream":',
            msgspec.json.encode(found.stream),
            b',"data":{',
            data,
            b'},"emitted_at":',
            found.emitted_at,
            b',"meta":{"changes":[',
            b",".join(part for part in (*own, *changes) if part),
            b"]}}}",
        )
    )


def is_state(line: bytes) -> bool:
    """Whether the line is a state, or the beginning of one."""
    return _STATE.match(_narrow(line).removeprefix(_MARK)) is not None


def readable(line: bytes) -> bytes:
    """A message that is no record, as text that can be decoded: an error, or a log, says the same without half a character.
    A state keeps what it has: it must go back as it came."""
    line = line.removeprefix(_MARK)
    if is_state(line):
        return held(line)
    return repaired(line.decode(errors="replace").encode()) if b"\\u" in line or not line.isascii() else line


def why_no_json(line: bytes) -> str:
    """What of a state makes it no JSON, for who has to mend the source: a state is never repaired, since a cursor that is another
    one goes on at another place."""
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return f"it is not UTF-8 (byte {error.start})"
    return "it is no valid JSON"


# ---------------------------------------------------------------- values


def _mended_value(value: bytes, kind: str | None) -> tuple[bytes, tuple[str, str] | None]:
    """Strict JSON of one field's value, and what became of it."""
    if kind not in (None, "json") and _is_number(value) and not is_exact(value):
        return (
            b'"' + value + b'"',
            None,
        )  # as text the number keeps its digits; its column's type says what becomes of it
    parts: list[bytes] = []
    fault: tuple[str, str] | None = None
    for group, token in _tokens(value):
        if group == "text":
            token, lost = _mended_text(token)
            fault = fault or (_LOST_TEXT if lost else None)
        elif group == "none":
            token, fault = b"null", fault or _NO_NUMBER
        elif group == "number" and not is_exact(token):
            fault = fault or _ROUNDED
        parts.append(token)
    return b"".join(parts), fault


def _mended_text(text: bytes) -> tuple[bytes, bool]:
    """A JSON string without half surrogates, bytes that are no UTF-8, or control characters; whether something was lost."""
    lost = False
    try:
        text.decode()
    except UnicodeDecodeError:
        text, lost = text.decode(errors="replace").encode(), True
    if b"\\" in text:
        fixed = repaired(text)
        lost, text = lost or fixed != text, fixed
    return _CONTROL.sub(lambda found: b"\\u%04x" % found[0][0], text), lost


def _is_number(value: bytes) -> bool:
    found = _TOKEN.fullmatch(value)
    return found is not None and found["number"] is not None


def _plain_text(value: bytes) -> str | None:
    """The text of a JSON string; None for anything else."""
    if not value.startswith(b'"'):
        return None
    try:
        return str(msgspec.json.decode(_mended_text(value)[0]))
    except msgspec.DecodeError:  # an escape that JSON does not know
        return None


def _narrow(line: bytes) -> bytes:
    """UTF-16 read as if it were ASCII: enough to see what it is."""
    return line.replace(b"\0", b"").lstrip(b"\xff\xfe") if b"\0" in line else line


def _refuse_nameless(envelope: Mapping[str, bytes]) -> None:
    """A message that holds a record and calls itself something else is not passed over."""
    if not envelope.get("record", b"").startswith(b"{"):
        return
    record = dict(_members(envelope["record"]))
    if "stream" in record and "data" in record:
        kind = envelope.get("type", b"none")[:40].decode(errors="replace")
        raise Unreadable(f"a message holds a record, and its type is {kind}")


def _object(value: bytes | None, otherwise: str) -> dict[str, bytes]:
    if value is None or not value.startswith(b"{"):
        raise Unreadable(otherwise)
    return dict(_members(value))


def _changes(meta: bytes, where: str) -> bytes | None:
    """The JSON list of what the source itself has changed."""
    if meta == b"null":
        return None
    changes = _object(meta, f"{where} has a meta that is no object").get("changes", b"null")
    if changes == b"null":
        return None
    listed, _ = _mended_value(changes, None)
    if not listed.startswith(b"["):
        raise Unreadable(f"{where} has meta.changes that are no list")
    return listed


# ---------------------------------------------------------------- JSON, leniently


class _Malformed(Exception):
    """Not JSON; says at which byte."""


def _members(text: bytes) -> list[tuple[str, bytes]]:
    """The members of one object, in order and with doubled names: (name, the value's text)."""
    found: list[tuple[str, bytes]] = []
    name, begun, depth = "", 0, 0
    expected_name = True
    for group, token, start, end in _walk(text):
        if depth == 1 and expected_name and group == "text":
            name = _plain_text(token) or ""
            expected_name = False
        elif depth == 1 and token == b":" and group == "mark":
            begun = end
        elif depth == 1 and group == "mark" and token in b",}" and not expected_name:
            found.append((name, text[begun:start].strip(_SPACE)))
            expected_name = True
        if group == "mark":
            depth += token in b"{["
            depth -= token in b"}]"
    if not text.startswith(b"{"):
        raise _Malformed("no object")
    return found


def _tokens(text: bytes) -> Iterator[tuple[str, bytes]]:
    """The tokens of one value that is known to be well formed, without commas that nothing follows."""
    comma = False
    for group, token, _, _ in _walk(text):
        if comma and token not in (b"}", b"]"):
            yield "mark", b","
        comma = group == "mark" and token == b","
        if not comma:
            yield group, token


def _walk(text: bytes) -> Iterator[tuple[str, bytes, int, int]]:
    """Every token of one value, with its place. Raises _Malformed where it is not JSON (a comma before an end is let pass)."""
    open_: list[int] = []
    at, size = 0, len(text)
    want = "value"
    while want != "end":
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise _Malformed(f"at byte {at}")
        group = found.lastgroup
        start, at = found.start(group), found.end()
        token = text[start:at]
        want = _next(want, group, token, open_)
        if not want:
            raise _Malformed(f"at byte {start}")
        yield group, token, start, at
    if text[at:].strip(_SPACE):
        raise _Malformed(f"at byte {at}, after its end")
    if at > size or open_:
        raise _Malformed("it ends too early")


def _next(want: str, group: str, token: bytes, open_: list[int]) -> str:
    """What may come after this token; an empty text when it may not stand here."""
    mark = token if group == "mark" else b""
    if mark in (b"}", b"]") and open_ and want in ("more", "name" if mark == b"}" else "value"):
        # A value is wanted at the top and after a colon too, where no list can end: `open_` tells what is open.
        if open_.pop() != {b"}": ord("{"), b"]": ord("[")}[mark]:
            return ""
        return "more" if open_ else "end"
    match want:
        case "name":
            return "colon" if group == "text" else ""
        case "colon":
            return "worth" if mark == b":" else ""
        case "more":
            if mark != b",":
                return ""
            return "name" if open_[-1] == ord("{") else "value"
    if mark in (b"{", b"["):
        open_.append(mark[0])
        return "name" if mark == b"{" else "value"
    if mark:
        return ""
    return "more" if open_ else "end"
