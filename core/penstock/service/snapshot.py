"""What was observed last, on disk: each observation with the stat of its inputs, and the merged graph. Asks no tool."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from mmap import ACCESS_READ, mmap
from pathlib import Path

import msgspec

from penstock.assets import Observation
from penstock.errors import PenstockError
from penstock.graph import AssetGraph
from penstock.system.files import private_folder, replacing, write_private

FORMAT = 8
Stamp = tuple[str, int, int]  # path, mtime in ns (-1: absent), size


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One observation as kept. `stale` says why it is older than it should be ("not refreshed: X unset"), else None.

    `project` is the tool's own name for what was observed (dbt's root package). `called`: tools could be started for it.
    `ages`, `seldom`: as in `Observation`. `asked_at`: when the observation began; what happened later it may not have seen."""

    taken_at: float
    asked_at: float
    stamps: tuple[Stamp, ...] | None
    file: str
    stale: str | None = None
    called: bool = False
    ages: bool = False
    seldom: int = 1
    project: str | None = None
    variables: dict[str, str] = {}  # environment variables that count as inputs: their values as digests


class Index(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    key: str
    entries: dict[str, Entry]


def stamps(paths: Iterable[str], began: float) -> tuple[Stamp, ...]:
    """The stat of each path: what proves that it is unchanged.

    A path that changed after the observation `began` (epoch seconds) is stamped as one that never matches.
    """
    found = (_stamp(path) for path in paths)
    return tuple(
        (path, -2, size) if mtime > began * 1e9 else (path, mtime, size) for path, mtime, size in found
    )


def _stamp(path: str) -> Stamp:
    try:
        found = os.stat(path)  # noqa: PTH116  # thousands of paths: a Path each would double the cost
    except (OSError, ValueError):  # ValueError: a NUL in a damaged index
        return (path, -1, 0)
    return (path, found.st_mtime_ns, found.st_size)


def digests(names: Iterable[str], environ: Mapping[str, str]) -> dict[str, str]:
    """The values of environment variables, unreadable; "" for one that is not set."""
    values = {name: environ.get(name) for name in names}
    return {
        name: "" if value is None else hashlib.sha256(value.encode()).hexdigest()[:16]
        for name, value in values.items()
    }


def unchanged(entry: Entry, environ: Mapping[str, str]) -> bool:
    """Whether every input of the observation is as it was; False when only age could tell."""
    if entry.variables and digests(entry.variables, environ) != entry.variables:
        return False
    return entry.stamps is not None and all(_stamp(stamp[0]) == stamp for stamp in entry.stamps)


class Snapshot:
    """The kept observations of one project, environment and set of options that change what is seen."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        self._key = key
        self.index = self._read_index()

    def _read_index(self) -> Index:
        try:
            index = msgspec.msgpack.decode((self.folder / "index.msgpack").read_bytes(), type=Index)
        except (OSError, ValueError, msgspec.DecodeError):
            return Index(format=FORMAT, key=self._key, entries={})
        if index.format != FORMAT or index.key != self._key:
            return Index(format=FORMAT, key=self._key, entries={})
        return index

    def observation(self, name: str) -> Observation | None:
        """A kept observation; None when there is none or its file is broken."""
        entry = self.index.entries.get(name)
        if entry is None:
            return None
        try:
            return msgspec.msgpack.decode((self.folder / entry.file).read_bytes(), type=Observation)
        except (OSError, ValueError, msgspec.DecodeError):
            return None

    def graph(self) -> AssetGraph | None:
        """The merged graph, mapped from its file: what is not asked for is not read."""
        try:
            with (self.folder / "graph.msgpack").open("rb") as file:
                return AssetGraph.stored(mmap(file.fileno(), 0, access=ACCESS_READ))
        except (OSError, ValueError, msgspec.DecodeError):
            return None

    def write(
        self,
        observations: dict[str, tuple[Entry, Observation | None]],
        together: Iterable[Observation],
    ) -> AssetGraph:
        """Replace the snapshot, and give the graph of what is seen `together`: observations that are None are already on disk. The
        index is written last."""
        try:
            private_folder(self.folder)
            # The only part of a project is never merged with a kept one: when it changes, it is observed anew. Not so a
            # warehouse: others may hold it then, and what was known before stays right.
            alone = len(observations) == 1 and not any(name.startswith("warehouse/") for name in observations)
            for entry, observation in observations.values():
                if observation is not None and not alone:
                    write_private(self.folder / entry.file, msgspec.msgpack.encode(observation))
            with replacing(self.folder / "graph.msgpack") as file:
                graph = AssetGraph.of(together, file)
            entries = {name: entry for name, (entry, _) in observations.items()}
            self.index = Index(format=FORMAT, key=self._key, entries=entries)
            write_private(self.folder / "index.msgpack", msgspec.msgpack.encode(self.index))
            return graph
        except OSError as error:
            raise PenstockError(
                f"cannot write the snapshot: {error.strerror}", where=str(self.folder)
            ) from None


def file_name(name: str) -> str:
    """A file name for an observation: readable, and distinct for names that differ only in odd characters."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)[:80]
    return f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:6]}.msgpack"
