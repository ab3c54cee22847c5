"""The lines of a load's file, a block at a time: whose rows they are, each one's content, time and changes. Types come later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from penstock.integration import RowSource
from penstock_postgres.alike import Alike
from penstock_postgres.columnar import Column
from penstock_postgres.members import Members, scanned

_BLOCK = 200 << 10  # of a reader's smaller ones


class Rows(msgspec.Struct, frozen=True, gc=False):
    """Some rows of one table, in order: each one's content, time, and the changes that came with it (empty: none). `texts`: what
    is wanted of their contents, as columns, where it was taken already; there is no `content` then."""

    content: list[bytes | msgspec.Raw]
    times: list[float | None]
    changes: list[bytes]
    texts: dict[str, Column] | None = None


class Envelope:
    """Reads lines for some tables' sources, by their place in the load; all of them share `row`, `time` and `changes`. `members`: what
    is wanted of a table's rows, where it may be taken in the same pass."""

    def __init__(self, sources: dict[int, RowSource], members: Mapping[int, Members]) -> None:
        first = next(iter(sources.values()))
        if any(_shape(source) != _shape(first) for source in sources.values()):
            raise ValueError("tables that share a file must share its envelope")
        self._source = first
        wheres = list(dict.fromkeys(path for source in sources.values() for path, _ in source.where))
        self._wheres = wheres
        self._places: list[tuple[int, dict[str, str | None]]] = [
            (place, dict(source.where)) for place, source in sources.items()
        ]
        self._known: dict[tuple[str | None, ...], int | None] = {}
        decoder = msgspec.json.Decoder(self._whole(msgspec.Raw))
        self._decode, self._decode_lines = decoder.decode, decoder.decode_lines
        self._row, self._time, self._changes = map(_parts, (first.row, first.time, first.changes))
        self._told = [_parts(where) for where in wheres]
        # Most lines have all members but the changes: they are taken in one step.
        taken = [self._row, self._time, self._changes[:-1] or self._row, *self._told]
        self._at_once = attrgetter(*map(".".join, taken))
        self._data, self._moment, self._about = (attrgetter(".".join(parts)) for parts in taken[:3])
        self._whose = attrgetter(*map(".".join, self._told)) if len(self._told) > 1 else None
        self._last = next(iter(sources))
        self._alikes: dict[int, Alike] = {}
        if self._changes[:-1]:
            seen = {
                ".".join(parts[:end]) for parts in (self._row, *self._told) for end in range(1, len(parts))
            }
            parts = [".".join(part) for part in taken]
            self._alikes = {
                place: Alike(wanted, self._whole, len(seen) + 1, parts) for place, wanted in members.items()
            }

    def _whole(self, row: type) -> type[msgspec.Struct]:
        """The type of lines whose row is of that type."""
        leaves: dict[str, Any] = dict.fromkeys(self._wheres, str | None)
        leaves |= {self._source.row: row, self._source.time: float | None}
        if self._source.changes:
            leaves[self._source.changes] = msgspec.Raw
        return _struct(leaves)

    def batches(self, lines: Iterable[bytes]) -> Iterator[dict[int, Rows]]:
        """The rows of the tables, some at a time, of texts that are whole lines each. Raises msgspec.DecodeError for a line that is
        no JSON."""
        for block in _gathered(lines):
            batch = self._at_once_of(self._last, block) or self._batch(block)
            self._last = next(reversed(batch), self._last)
            yield batch

    def _at_once_of(self, place: int, block: bytes) -> dict[int, Rows] | None:
        """The block, when all of its lines are rows of that table, and say no more than is wanted."""
        found = self._alikes[place].read(block) if place in self._alikes else None
        if found is None:
            return None
        values, times, texts = found
        return {place: Rows([], times, [b""] * len(times), texts)} if self._place(values) == place else None

    def _batch(self, block: bytes) -> dict[int, Rows]:
        lines = self._parsed(block)
        if lines is None:
            lines = [self._one(text) for text in block.split(b"\n") if text and not text.isspace()]
        elif (alike := self._alike(lines)) is not None:
            return alike
        batch = {place: Rows([], [], []) for place, _ in self._places}
        known = self._known
        for found in lines:
            try:
                data, moment, about, *told = self._at_once(found)
            except AttributeError:
                data, moment, about = _get(found, self._row), _get(found, self._time), found
                told = [_get(found, where) for where in self._told]
            values = tuple(told)
            place = known[values] if values in known else self._place(values)
            if place is None:
                continue
            rows = batch[place]
            rows.content.append(data or b"")
            rows.times.append(moment)
            rows.changes.append(b"" if about is None else bytes(_get(found, self._changes) or b""))
        return {place: rows for place, rows in batch.items() if rows.content}

    def _alike(self, lines: Sequence[object]) -> dict[int, Rows] | None:
        """The usual block: rows of one table, without changes; None where it is another."""
        if self._whose is None or not self._changes[:-1]:
            return None
        try:
            told = set(map(self._whose, lines))
            if len(told) != 1 or any(map(self._about, lines)):
                return None
            content, times = list(map(self._data, lines)), list(map(self._moment, lines))
        except AttributeError:
            return None
        place = self._place(told.pop())
        return {} if place is None else {place: Rows(content, times, [b""] * len(times))}

    def _parsed(self, block: bytes) -> Sequence[object] | None:
        """Whole lines; None where they must be read one by one. A value that goes on over two lines is no line of JSON."""
        try:
            found: Sequence[object] = self._decode_lines(block)
        except RecursionError:
            return None
        return found if len(found) == block.count(b"\n") + (block[-1:] != b"\n") else None

    def _one(self, text: bytes) -> object:
        try:
            return self._decode(text)
        except RecursionError:
            return _Deep(text)

    def _place(self, values: tuple[str | None, ...]) -> int | None:
        if values not in self._known:
            told = dict(zip(self._wheres, values, strict=True))
            fits = [
                place
                for place, where in self._places
                if all(told[key] == value for key, value in where.items())
            ]
            self._known[values] = fits[0] if fits else None
        return self._known[values]


class _Deep:
    """A line too deep for the decoder: its parts, scanned."""

    def __init__(self, text: bytes) -> None:
        for name, value in scanned(text):
            setattr(self, f"m_{name}", self._of(value))

    @staticmethod
    def _of(value: bytes) -> object:
        try:
            return msgspec.json.decode(value, type=str | float | None)
        except msgspec.ValidationError:
            return _Both(value)
        except RecursionError:
            return _Both(value)


class _Both(bytes):
    """A value as text that also has its members as attributes."""

    def __getattr__(self, name: str) -> object:
        if not name.startswith("m_"):
            raise AttributeError(name)
        return next((_Deep._of(value) for key, value in scanned(bytes(self)) if key == name[2:]), None)


def _gathered(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Fewer and larger."""
    held: list[bytes] = []
    size = 0
    for text in lines:
        held.append(text)
        size += len(text)
        if size >= _BLOCK:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _shape(source: RowSource) -> tuple[str, str, str | None]:
    return source.row, source.time, source.changes


def _parts(path: str | None) -> list[str]:
    return [] if path is None else [f"m_{part}" for part in path.removeprefix("$.").split(".")]


def _get(found: object, parts: Sequence[str]) -> Any:
    if not parts:
        return None
    for part in parts:
        found = getattr(found, part, None)
        if found is None:
            return None
    return found


def _struct(leaves: dict[str, object]) -> type[msgspec.Struct]:
    """A nested type for dotted paths; each member may be missing."""
    tree: dict[str, Any] = {}
    for path, kind in leaves.items():
        *parents, leaf = path.removeprefix("$.").split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[leaf] = kind

    def made(node: dict[str, object]) -> type[msgspec.Struct]:
        fields: list[tuple[str, object, object]] = []
        for name, kind in node.items():
            if isinstance(kind, dict):
                fields.append((f"m_{name}", made(kind) | None, None))
            elif kind is msgspec.Raw:
                fields.append((f"m_{name}", kind, msgspec.Raw()))
            else:
                fields.append((f"m_{name}", kind, None))
        renamed = {f"m_{name}": name for name in node}
        return msgspec.defstruct("Envelope", fields, rename=renamed, gc=False)

    return made(tree)
