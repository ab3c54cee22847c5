"""The members of JSON objects with each value's text as it stands: of many objects at once, or of one that is unusual."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import msgspec

from penstock_postgres.columnar import BETWEEN, Column, Same, column_of

_KNOWN = 1_000  # members that are looked for, beside those that are wanted
_LESSONS = 20  # so often members that were not known are learned

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_decode_all = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Doubled(Exception):
    """An object names one of its members twice."""


class Unknown(Exception):
    """An object has a member that nobody knows of."""


class Members:
    """The wanted members of objects as columns of texts. `trusted`: no object names a member twice, or the last counts.
    `known`: the only other members that may be there (None: any)."""

    def __init__(self, wanted: Sequence[str], *, trusted: bool, known: Sequence[str] | None = None) -> None:
        self._wanted = list(dict.fromkeys(wanted))
        self._trusted = trusted
        self._names = list(dict.fromkeys((*wanted, *(known or ()))))
        self._known = None if known is None else frozenset(self._names)
        self._lessons = 0
        self.kind = _struct(self._names)  # None: objects are read one by one
        self._decode_lines = _decoder(self.kind)

    def columns(self, objects: Sequence[bytes | msgspec.Raw]) -> dict[str, Column]:
        """Per wanted member the text that each object has for it, empty where it has none, as one column (see `columnar`).

        Raises Doubled, Unknown, and msgspec.DecodeError where an object is none."""
        found = self._at_once(objects) if self._decode_lines is not None else None
        return found or self._one_by_one(objects)

    def _at_once(self, objects: Sequence[bytes | msgspec.Raw]) -> dict[str, Column] | None:
        """None unless every member of every object is seen, which the quotation marks tell: a member that is left out, because
        it is not known or named again, has two in its name at least."""
        text = b"\n".join(objects)
        try:
            found = self._decode_lines(text) if self._decode_lines is not None else []
        except (RecursionError, msgspec.DecodeError):
            return None
        if len(found) != len(objects):
            return None
        columns, marks = self.taken(found)
        return columns if self._trusted or marks == text.count(b'"') else None

    def taken(self, found: Sequence[msgspec.Struct]) -> tuple[dict[str, Column], int]:
        """The wanted members of structs of `kind` as columns, and the quotation marks of all that was seen, names too."""
        values = list(zip(*map(msgspec.structs.astuple, found), strict=True))
        columns = list(map(column_of, values))
        marks = sum(map(_marks, columns, values))
        return dict(zip(self._wanted, columns, strict=False)), marks

    def _one_by_one(self, objects: Sequence[bytes | msgspec.Raw]) -> dict[str, Column]:
        found = [members(bytes(one), trusted=self._trusted) for one in objects]
        names = {name for one in found for name in one}
        if self._known is not None and not names <= self._known:
            raise Unknown(", ".join(sorted(names - self._known)[:5]))
        self._learn(names)
        columns = {name: [one.get(name, b"") for one in found] for name in self._wanted}
        if any(BETWEEN in text for column in columns.values() for text in column):
            raise msgspec.DecodeError("a NUL is no JSON")
        return {name: column_of(column) for name, column in columns.items()}

    def _learn(self, names: set[str]) -> None:
        new = names.difference(self._names)
        if not new or self._decode_lines is None:
            return
        self._lessons += 1
        if self._lessons > _LESSONS or len(self._names) + len(new) > len(self._wanted) + _KNOWN:
            self.kind = self._decode_lines = None  # its members are data: no list of them is ever complete
            return
        self._names += sorted(new)
        self.kind = _struct(self._names)
        self._decode_lines = _decoder(self.kind)


def _marks(column: Column, values: Sequence[msgspec.Raw]) -> int:
    """The quotation marks of a member's texts, and two of its name where an object has it: its text has a sign then."""
    if isinstance(column, Same):
        return column.count * (column.text.count(b'"') + 2) if column.text else 0
    return column.count(b'"') + 2 * (len(values) - list(map(len, values)).count(0))


def _struct(names: Sequence[str]) -> type[msgspec.Struct] | None:
    """A type with these members; None where there are none, or one cannot be asked for."""
    fields: list[tuple[str, type, object]] = [
        (f"m{place}", msgspec.Raw, msgspec.Raw()) for place in range(len(names))
    ]
    renamed = {f"m{place}": name for place, name in enumerate(names)}
    try:
        return msgspec.defstruct("Members", fields, rename=renamed, gc=False) if names else None
    except ValueError:
        return None


def _decoder(kind: type[msgspec.Struct] | None) -> Callable[[bytes], Sequence[msgspec.Struct]] | None:
    """Lines of objects -> structs of that type."""
    return None if kind is None else msgspec.json.Decoder(kind).decode_lines


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
    """Whether the members found make up the whole text: one that was named again has two quotation marks more at least."""
    return text.count(b'"') == 2 * len(found) + sum(value.count(b'"') for value in found.values())
