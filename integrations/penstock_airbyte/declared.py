"""Which rows have fields that their source does not declare, so that no column takes them, and what is noted of each. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from penstock.integration import UNDECLARED
from penstock_airbyte.mend import Found, Unreadable

_NAMED = 100  # of one row; names that are data have no end


class _Row(msgspec.Struct, gc=False):
    stream: str
    data: msgspec.Raw
    emitted_at: int | None = None
    namespace: str | None = None
    meta: None = None


class _Line(msgspec.Struct, gc=False, tag_field="type", tag="RECORD"):
    record: _Row


_line_of = msgspec.json.Decoder(_Line).decode
_members_of = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


class Declared:
    """The fields that one stream declares."""

    def __init__(self, stream: str, fields: Iterable[str]) -> None:
        self._stream = stream
        self._fields = frozenset(fields)
        self._read = _strict_reader(sorted(self._fields))

    def covers(self, lines: bytes) -> bool:
        """Whether rows that stand in whole lines have no other field. False may be wrong; True never is, for lines that are JSON."""
        if self._read is None:
            return False
        try:
            return len(self._read(lines)) == lines.count(b"\n") + (lines[-1:] != b"\n")
        except (msgspec.DecodeError, RecursionError):
            return False

    def split(self, values: Mapping[str, bytes]) -> tuple[dict[str, bytes], list[bytes]]:
        """The declared fields of one row, and the notes of the others that had a value."""
        kept = {name: value for name, value in values.items() if name in self._fields}
        others = [name for name, value in values.items() if name not in self._fields and value != b"null"]
        if others and not self._fields:
            raise Unreadable(
                f"the source declares no field of '{self._stream}', and a record has some ({_listed(others)}): there is no"
                " column for them. penstock refresh discovers the source again; what is missing then is missing in the connector"
            )
        notes = [_note(name) for name in others[:_NAMED]]
        if len(others) > _NAMED:
            notes.append(_note(f"({len(others) - _NAMED} more)"))
        return kept, notes


def read_quickly(line: bytes) -> tuple[Found, dict[str, bytes]] | None:
    """A row of plain JSON, and its fields; None where it has to be read closely."""
    try:
        row = _line_of(line).record
        values = {name: bytes(value) for name, value in _members_of(row.data).items()}
    except (msgspec.DecodeError, RecursionError):
        return None
    # A field that is named again, or has an escape in its name, is not seen so: its quotation marks are.
    seen = 2 * len(values) + sum(value.count(b'"') for value in values.values())
    if bytes(row.data).count(b'"') != seen:
        return None
    emitted = b"null" if row.emitted_at is None else b"%d" % row.emitted_at
    found = Found(
        stream=row.stream,
        namespace=row.namespace or None,
        data=bytes(row.data),
        emitted_at=emitted,
        changes=None,
    )
    return found, values


def _strict_reader(fields: Sequence[str]) -> Callable[[bytes], Sequence[object]] | None:
    """Lines -> rows, refusing any with another field; None where a name cannot be asked for so."""
    members: list[tuple[str, type, object]] = [
        (f"m{place}", msgspec.Raw, msgspec.Raw()) for place in range(len(fields))
    ]
    renamed = {f"m{place}": name for place, name in enumerate(fields)}
    try:
        data = msgspec.defstruct("Data", members, rename=renamed, forbid_unknown_fields=True, gc=False)
    except ValueError:
        return None
    row = msgspec.defstruct("Row", [("data", data)], gc=False)
    return msgspec.json.Decoder(msgspec.defstruct("Line", [("record", row)], gc=False)).decode_lines


def _note(field: str) -> bytes:
    return msgspec.json.encode({"field": field, "change": "NULLED", "reason": UNDECLARED})


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return ", ".join(name[:60] for name in names[:5]) + more
