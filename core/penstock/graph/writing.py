"""A graph document into the file of which `Packed` reads it. Some hundred records at a time, in one buffer: as a whole they take tens of
megabytes, which to get costs as much as to fill. Assets are written as they are made: what a processor still has at hand is encoded in a
third of the time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import IO, TypeVar

import msgspec

from penstock.assets import Asset
from penstock.graph.document import FORMAT, SIZE, GraphDocument, Head, Producers, Row

_AT_ONCE = 128
T = TypeVar("T")


class Writer:
    """Equal documents give equal bytes and one hash. Without a file they are only hashed. Called in this order: `assets`, `rest`, `finish`."""

    def __init__(self, file: IO[bytes] | None) -> None:
        self._file = file
        self._encoder = msgspec.msgpack.Encoder()
        self._buffer = bytearray()
        self._digest = hashlib.sha256()  # the fastest of all where the processor knows it
        self._length = 0
        self._lengths: list[int] = []

    def finish(self, hash: str, findings: int, rows: tuple[Row, ...]) -> None:
        """The list of the document stands behind it: it is known last."""
        head = self._encoder.encode(Head(FORMAT, hash, rows, findings, tuple(self._lengths)))
        if self._file is not None:
            self._file.write(head)
            self._file.write(len(head).to_bytes(SIZE, "little"))

    def assets(self, number: int, made: Iterable[Asset]) -> list[Asset]:
        """The first of `PARTS`; gives them all, when they are made."""
        found = self._records(number, made)
        self._end()
        return found

    def rest(self, document: GraphDocument) -> str:
        """The other parts, in their order; gives the hash of all."""
        position = {asset.key: at for at, asset in enumerate(document.assets)}
        self._all(
            [
                (position[key], tuple([position[parent] for parent in above]))
                for key, above in document.upstream.items()
            ]
        )
        self._end()
        self._all(document.checks)
        self._end()
        outside, apart = tuple(document.outside.items()), tuple(document.apart.items())
        self._put(self._encoder.encode(Producers(document.producers, document.batches, outside, apart)))
        self._end()
        self._all(document.findings)
        self._end()
        self._put(_beginning(2))
        self._all([(position[key], columns) for key, columns in document.columns.items()])
        self._all(document.fields)
        self._end()
        return self._digest.hexdigest()[:16]

    def _all(self, records: Sequence[object]) -> None:
        self._records(len(records), records)

    def _records(self, number: int, records: Iterable[T]) -> list[T]:
        """One array of them all, which are so many."""
        self._put(_beginning(number))
        written: list[T] = []
        coming = iter(records)
        while some := list(islice(coming, _AT_ONCE)):
            self._encoder.encode_into(some, self._buffer)
            with memoryview(self._buffer) as encoded:
                self._put(encoded[len(_beginning(len(some))) :])
            written += some
        return written

    def _put(self, data: bytes | memoryview) -> None:
        self._digest.update(data)
        self._length += len(data)
        if self._file is not None:
            self._file.write(data)

    def _end(self) -> None:
        self._lengths.append(self._length)
        self._length = 0


def _beginning(number: int) -> bytes:
    """How MessagePack begins an array of so many."""
    return msgspec.msgpack.encode((None,) * number)[: -number or None]
