"""What is kept of a catalog between two looks: columns and SQL, because reading them anew needs a warehouse. A private file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from penstock.system.files import private_folder, write_private

FORMAT = 1
Described = tuple[tuple[tuple[str, str], ...], dict[str, str]]
"""A table's columns (name, type) and the comments on them."""


class Kept(msgspec.Struct, kw_only=True):
    """`columns` are packed per table, by the relation's text: an account has millions of them. `read_at`: when they were read by
    SQL, per database (epoch seconds)."""

    account: str
    format: int = FORMAT
    read_at: dict[str, float] = {}
    columns: dict[str, bytes] = {}
    definitions: dict[str, str] = {}

    def described(self, relation: str) -> Described | None:
        packed = self.columns.get(relation)
        return None if packed is None else msgspec.msgpack.decode(packed, type=Described)

    def keep(self, relation: str, described: Described) -> None:
        self.columns[relation] = msgspec.msgpack.encode(described)

    def forget_others(self, relations: set[str]) -> None:
        """What is not there any more."""
        self.columns = {name: packed for name, packed in self.columns.items() if name in relations}
        self.definitions = {name: sql for name, sql in self.definitions.items() if name in relations}


def file_of(state_dir: Path, instance: str) -> Path:
    return state_dir / "snowflake" / f"{instance}.msgpack"


def load(state_dir: Path, instance: str, account: str) -> Kept:
    """What was kept of that account; nothing where the file is missing, damaged, of another account or of another format."""
    try:
        found = msgspec.msgpack.decode(file_of(state_dir, instance).read_bytes(), type=Kept)
    except (OSError, msgspec.MsgspecError):
        return Kept(account=account)
    return found if (found.account, found.format) == (account, FORMAT) else Kept(account=account)


def save(state_dir: Path, instance: str, kept: Kept) -> None:
    file = file_of(state_dir, instance)
    private_folder(file.parent)
    write_private(file, msgspec.msgpack.encode(kept))
