"""What has changed between two definitions of a stream, told as changes of its table's columns. Pure.

The API gives no types of fields: a field that keeps its path and changes its type is not seen here, the warehouse's catalog sees it.
"""

from __future__ import annotations

import msgspec

from penstock.assets import ChangeKind, SourceChange
from penstock_airbyte.api.landing import Mapped
from penstock_manifests.airbyte.api import ApiConfiguredStream


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A stream at one time: its fields after the mappers, and the columns that they land in."""

    stream: ApiConfiguredStream
    mapped: tuple[Mapped, ...]
    columns: dict[str, str]

    def ways(self) -> dict[str, tuple[str, str | None]]:
        """Column -> (field of the source, what the mappers do to it)."""
        return {self.columns[one.name]: (one.source, one.how) for one in self.mapped}


def changes(item: str, label: str, before: Shape, now: Shape) -> list[SourceChange]:
    """Columns first, in the order of the former table; then settings."""
    old, new = before.ways(), now.ways()
    found: list[SourceChange] = []
    for column, (field, how) in old.items():
        if column not in new:
            found.append(_gone(item, label, column, field, now))
        elif new[column] != (field, how):
            said = new[column][1] or f"taken from {new[column][0]}"
            text = f"{label}.{column} is now {said}"
            found.append(SourceChange(kind=ChangeKind.COLUMN_CHANGED, item=item, column=column, message=text))
    found += [
        SourceChange(
            kind=ChangeKind.COLUMN_ADDED, item=item, column=column, message=f"{label}.{column} is new"
        )
        for column in new
        if column not in old
    ]
    return found + _settings(item, label, before.stream, now.stream)


def removed(item: str, label: str) -> SourceChange:
    """The stream is not synced any more: its table stays as it is."""
    return SourceChange(
        kind=ChangeKind.STREAM_REMOVED,
        item=item,
        message=f"{label} is not synced any more: its table stays as it is",
    )


def _gone(item: str, label: str, column: str, field: str, now: Shape) -> SourceChange:
    another = next((one for one in now.mapped if one.source == field), None)
    why = f"lands as {now.columns[another.name]} now" if another else "is gone"
    return SourceChange(
        kind=ChangeKind.COLUMN_REMOVED, item=item, column=column, message=f"{label}.{column} {why}"
    )


def _settings(
    item: str, label: str, before: ApiConfiguredStream, now: ApiConfiguredStream
) -> list[SourceChange]:
    told = (
        ("sync mode", before.sync_mode, now.sync_mode),
        ("primary key", _words(before.primary_key), _words(now.primary_key)),
        ("cursor", ".".join(before.cursor_field), ".".join(now.cursor_field)),
    )
    return [
        SourceChange(
            kind=ChangeKind.SETTING, item=item, message=f"{label}: {what} {old or 'none'} -> {new or 'none'}"
        )
        for what, old, new in told
        if old != new
    ]


def _words(key: tuple[tuple[str, ...], ...]) -> str:
    return ", ".join(".".join(path) for path in key)
