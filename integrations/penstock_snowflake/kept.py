"""What is kept of a catalog between two looks: columns and SQL, because reading them anew needs a warehouse. A private file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO

import msgspec

from penstock.assets import unpack_columns
from penstock.integration import packed_columns
from penstock.system.files import private_folder, replacing

FORMAT = 2
_CHUNK = 1000  # tables that are written and read at a time: memory stays flat
_SIZE = 8
Described = tuple[tuple[tuple[str, str], ...], dict[str, str]]
"""A table's columns (name, type) and the comments on them."""


class Kept(msgspec.Struct, kw_only=True):
    """`columns` are packed per table as in an observation, by the relation's text: an account has millions of them. `read_at`: when they were read by
    SQL, per database (epoch seconds)."""

    account: str
    format: int = FORMAT
    read_at: dict[str, float] = {}
    columns: dict[str, bytes] = {}
    definitions: dict[str, str] = {}

    def described(self, relation: str) -> Described | None:
        packed = self.columns.get(relation)
        if packed is None:
            return None
        found = unpack_columns(packed)
        columns = tuple([(one.name, one.type or "") for one in found])
        return columns, {one.name: one.description for one in found if one.description}

    def keep(self, relation: str, described: Described) -> None:
        self.columns[relation] = packed_columns(*described)

    def forget_others(self, relations: set[str]) -> None:
        """What is not there any more."""
        for name in self.columns.keys() - relations:
            del self.columns[name]
        for name in self.definitions.keys() - relations:
            del self.definitions[name]


def file_of(state_dir: Path, instance: str) -> Path:
    return state_dir / "snowflake" / f"{instance}.msgpack"


def load(state_dir: Path, instance: str, account: str) -> Kept:
    """What was kept of that account; nothing where the file is missing, damaged, of another account or of another format."""
    nothing = Kept(account=account)
    try:
        with file_of(state_dir, instance).open("rb") as file:
            parts = _parts(file)
            found = msgspec.msgpack.decode(next(parts, b""), type=Kept)
            if (found.account, found.format) != (account, FORMAT):
                return nothing
            for part in parts:
                found.columns |= msgspec.msgpack.decode(part, type=dict[str, bytes])
    except (OSError, msgspec.MsgspecError):
        return nothing
    return found


def save(state_dir: Path, instance: str, kept: Kept) -> None:
    file = file_of(state_dir, instance)
    private_folder(file.parent)
    tables = iter(kept.columns.items())
    with replacing(file) as part:
        _write(part, msgspec.structs.replace(kept, columns={}))
        while chunk := dict(islice(tables, _CHUNK)):
            _write(part, chunk)


def _write(file: IO[bytes], part: object) -> None:
    data = msgspec.msgpack.encode(part)
    file.write(len(data).to_bytes(_SIZE, "little") + data)


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    """A torn last part does not decode."""
    while size := file.read(_SIZE):
        yield file.read(int.from_bytes(size, "little"))
