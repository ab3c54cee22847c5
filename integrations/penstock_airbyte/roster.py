"""Which of a sync's streams a RECORD line is of, mostly told by how the line begins. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

# What connectors print for a row, up to the stream's name: a line that begins so is a row, whatever follows.
_ROW = re.compile(
    rb'\{\s*"type"\s*:\s*"RECORD"\s*,\s*"record"\s*:\s*\{\s*'
    rb'(?:"namespace"\s*:\s*(?:null|"(?P<namespace>[^"\\]*)")\s*,\s*)?"stream"\s*:\s*"(?P<stream>[^"\\]*)"\s*,'
)
_RECENT = 4
_ANY = "\0"  # a namespace that no source has

# (stream, namespace) -> the name under which its rows are counted; None for a stream that nobody asked for.
Names = Callable[[str, str | None], str | None]


def any_name(stream: str, namespace: str | None) -> str | None:
    return stream


class Heads:
    """How the rows of the streams seen last begin, and whose they are."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._heads: dict[bytes, str] = {}

    def counts(self, block: bytes) -> list[tuple[str, int]] | None:
        """Rows per name in whole lines, when all of them begin as rows of streams seen just now; else None."""
        counts: list[tuple[str, int]] = []
        left = block.count(b"\n")
        for head, name in reversed(self._heads.items()):  # the newest first: mostly all of them are its rows
            count = block.count(b"\n" + head) + block.startswith(head)
            counts.append((name, count))
            left -= count
            if not left:
                return counts
        return None

    def parts(self, block: bytes) -> list[tuple[str, bytes]]:
        """The rows of such a block by their stream."""
        lines = block.split(b"\n")
        found = (
            (name, [line for line in lines if line.startswith(head)]) for head, name in self._heads.items()
        )
        return [(name, b"\n".join(rows)) for name, rows in found if rows]

    def of(self, line: bytes) -> str | None:
        """Whose row the line is, by its beginning; None when that does not tell, or it is of no known stream."""
        row = _ROW.match(line)
        if row is None:
            return None
        stream = row["stream"].decode(errors="replace")
        if row["namespace"] is not None:
            name = self._names(stream, row["namespace"].decode(errors="replace") or None)
        else:
            # A namespace may follow further on: only where none is asked for, the beginning tells enough.
            name = self._names(stream, _ANY)
        if name is not None and row[0] not in self._heads:
            while len(self._heads) >= _RECENT:
                self._heads.pop(next(iter(self._heads)))
            self._heads[row[0]] = name
        return name
