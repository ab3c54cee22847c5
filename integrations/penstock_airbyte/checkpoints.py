"""What a sync that is still reading has committed already: up to which byte of each stream, and with which state. A file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

from penstock.integration import LoadedTable
from penstock.system.files import write_private

FILE = "checkpoints.json"


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint on its way into the warehouse: whether it arrived, only the warehouse knows, by its token."""

    token: str
    ends: dict[str, int]
    state: dict[str, str]


class Checkpoints(msgspec.Struct, frozen=True, kw_only=True):
    """`ends` and `tables` are by item; `state` is what the warehouse holds, None before the first checkpoint; `token` that of the
    last one that has arrived."""

    count: int = 0
    token: str | None = None
    ends: dict[str, int] = {}
    tables: dict[str, LoadedTable] = {}  # with the rows of all checkpoints
    state: dict[str, str] | None = None
    pending: Pending | None = None

    def begin(self, token: str, ends: dict[str, int], state: dict[str, str]) -> Checkpoints:
        return msgspec.structs.replace(self, pending=Pending(token=token, ends=ends, state=state))

    def arrived(self, loaded: dict[str, LoadedTable]) -> Checkpoints:
        """With what is pending counted as done."""
        if self.pending is None:
            return self
        tables = {
            item: _together(self.tables[item], table) if item in self.tables else table
            for item, table in loaded.items()
        }
        return Checkpoints(
            count=self.count + 1,
            token=self.pending.token,
            ends={**self.ends, **self.pending.ends},
            tables={**self.tables, **tables},
            state=self.pending.state,
        )

    def failed(self) -> Checkpoints:
        return msgspec.structs.replace(self, pending=None)


def _together(before: LoadedTable, now: LoadedTable) -> LoadedTable:
    return msgspec.structs.replace(
        now,
        rows_read=before.rows_read + now.rows_read,
        rows_changed=before.rows_changed + now.rows_changed,
        undeclared=dict(Counter(before.undeclared) + Counter(now.undeclared)),
    )


def read_checkpoints(folder: Path) -> Checkpoints:
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Checkpoints)
    except FileNotFoundError:
        return Checkpoints()


def write_checkpoints(folder: Path, checkpoints: Checkpoints) -> None:
    write_private(folder / FILE, msgspec.json.encode(checkpoints))
