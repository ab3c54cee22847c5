"""What a source offers now, compared with what its tables were loaded from last. Local connectors tell types, so these count too.

What was loaded is a file of the project, one for each environment and connection: it is written when a sync has ended well.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from penstock.assets import ChangeKind, SourceChange
from penstock.system.files import private_folder, write_private
from penstock.system.names import file_name
from penstock_airbyte.streams import SyncedStream


class LoadedStream(msgspec.Struct, frozen=True, kw_only=True):
    """A stream as it was loaded. `columns`: (field, column, Airbyte type) in the order of the table."""

    label: str
    columns: tuple[tuple[str, str, str], ...]
    mode: str
    primary_key: tuple[str, ...] = ()
    cursor: str | None = None


def loaded_file(state_dir: Path, instance: str, environment: str, connection: str) -> Path:
    folder = state_dir / "airbyte" / instance / "loaded"
    return folder / f"{file_name(environment)}-{file_name(connection)}.json"


def read_loaded(file: Path) -> dict[str, LoadedStream]:
    """By label; {} where nothing is known."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, LoadedStream])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def keep_loaded(file: Path, streams: Iterable[SyncedStream]) -> None:
    """These have just been loaded; the others are as they were."""
    known = read_loaded(file) | {stream.label: _loaded(stream) for stream in streams}
    private_folder(file.parent)
    write_private(file, msgspec.json.encode(known))


def changes(item: str, place: str, before: LoadedStream, now: SyncedStream) -> list[SourceChange]:
    """What the next sync brings: columns in the order of the former table, then settings. `place` names the stream."""
    old = {column: (field, kind) for field, column, kind in before.columns}
    new = {column: (field, kind) for field, column, kind in now.columns}
    found: list[SourceChange] = []
    for column, (field, kind) in old.items():
        at = f"{place}.{column}"
        if column not in new:
            found.append(_change(ChangeKind.COLUMN_REMOVED, item, column, f"{at} is gone"))
        elif new[column][0] != field:
            found.append(
                _change(ChangeKind.COLUMN_CHANGED, item, column, f"{at} is now taken from {new[column][0]}")
            )
        elif new[column][1] != kind:
            words = f"{at} changes its type: {kind} -> {new[column][1]}"
            found.append(_change(ChangeKind.COLUMN_CHANGED, item, column, words))
    for column in new:
        if column not in old:
            found.append(_change(ChangeKind.COLUMN_ADDED, item, column, f"{place}.{column} is new"))
    return found + _settings(item, place, before, _loaded(now))


def gone(found: Sequence[SourceChange]) -> tuple[str, ...]:
    """The columns that a table keeps until the next sync, or for good, and its stream has no more."""
    return tuple(
        one.column for one in found if one.kind is ChangeKind.COLUMN_REMOVED and one.column is not None
    )


def _loaded(stream: SyncedStream) -> LoadedStream:
    return LoadedStream(
        label=stream.label,
        columns=stream.columns,
        mode=stream.mode.value,
        primary_key=stream.primary_key,
        cursor=stream.cursor,
    )


def _change(kind: ChangeKind, item: str, column: str | None, message: str) -> SourceChange:
    return SourceChange(kind=kind, item=item, column=column, message=message)


def _settings(item: str, place: str, before: LoadedStream, now: LoadedStream) -> list[SourceChange]:
    told = (
        ("sync mode", before.mode, now.mode),
        ("primary key", ", ".join(before.primary_key), ", ".join(now.primary_key)),
        ("cursor", before.cursor, now.cursor),
    )
    return [
        _change(ChangeKind.SETTING, item, None, f"{place}: {what} {old or 'none'} -> {new or 'none'}")
        for what, old, new in told
        if (old or None) != (new or None)
    ]
