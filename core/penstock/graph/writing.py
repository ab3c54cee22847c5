"""A graph document into the file of which `Packed` reads it. Some hundred records at a time, in one buffer: as a whole they take tens of
megabytes, which to get costs as much as to fill."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import IO

import msgspec

from penstock.graph.document import FORMAT, SIZE, GraphDocument, Head, Producers, Row

_AT_ONCE = 128


class Writer:
    """Equal documents give equal bytes and one `hash`. Without a file they are only hashed."""

    def __init__(self, document: GraphDocument, file: IO[bytes] | None) -> None:
        self._file = file
        self._encoder = msgspec.msgpack.Encoder()
        self._buffer = bytearray()
        self._digest = hashlib.sha256()  # the fastest of all where the processor knows it
        self._length = 0
        self._lengths: list[int] = []
        self._findings = len(document.findings)
        self._write(document)
        self.hash = self._digest.hexdigest()[:16]

    def finish(self, rows: tuple[Row, ...]) -> None:
        """The list of the document stands behind it: it is known last."""
        head = self._encoder.encode(Head(FORMAT, self.hash, rows, self._findings, tuple(self._lengths)))
        if self._file is not None:
            self._file.write(head)
            self._file.write(len(head).to_bytes(SIZE, "little"))

    def _write(self, document: GraphDocument) -> None:
        """The parts in the order of `PARTS`."""
        position = {asset.key: at for at, asset in enumerate(document.assets)}
        self._records(document.assets)
        self._end()
        self._records(
            [
                (position[key], tuple([position[parent] for parent in above]))
                for key, above in document.upstream.items()
            ]
        )
        self._end()
        self._records(document.checks)
        self._end()
        outside, apart = tuple(document.outside.items()), tuple(document.apart.items())
        self._put(self._encoder.encode(Producers(document.producers, document.batches, outside, apart)))
        self._end()
        self._records(document.findings)
        self._end()
        self._put(_beginning(2))
        self._records([(position[key], columns) for key, columns in document.columns.items()])
        self._records(document.fields)
        self._end()

    def _records(self, records: Sequence[object]) -> None:
        """One array of them all."""
        self._put(_beginning(len(records)))
        for at in range(0, len(records), _AT_ONCE):
            some = records[at : at + _AT_ONCE]
            self._encoder.encode_into(some, self._buffer)
            with memoryview(self._buffer) as encoded:
                self._put(encoded[len(_beginning(len(some))) :])

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
