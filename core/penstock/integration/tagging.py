"""The tags that a warehouse's own catalog has on tables and columns: asked by SQL where that is due and may be, else as they were
kept. What they are asked with is the integration's."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from penstock.assets import ObservedAsset
from penstock.errors import ConfigError, PenstockError
from penstock.integration.observing import Diagnosis
from penstock.system.durations import EXAMPLES, seconds_of
from penstock.system.files import private_folder, write_private


class TagRow(NamedTuple):
    """One tag as the warehouse keeps it; `column` is None where the table itself has it."""

    database: str
    schema: str
    table: str
    column: str | None
    name: str
    value: str | None


class Tags(msgspec.Struct, frozen=True, kw_only=True):
    """By a relation's text, and of columns by their name. `place` is where they were asked, `asked` the question, `read_at` when it was
    answered last (epoch seconds, 0: never), `why` in words what kept the last answer back."""

    place: str = ""
    asked: str = ""
    read_at: float = 0.0
    tables: dict[str, tuple[str, ...]] = {}
    columns: dict[str, dict[str, tuple[str, ...]]] = {}
    why: str | None = None

    def on(self, asset: ObservedAsset) -> ObservedAsset:
        """The asset with its tags. Those of its columns are told by name: a selection is one of assets."""
        own, columns = self.tables.get(asset.id), self.columns.get(asset.id)
        if own is None and columns is None:
            return asset
        told = "; ".join(f"{name}: {', '.join(tags)}" for name, tags in (columns or {}).items())
        attributes = {**asset.attributes, "column_tags": told} if told else asset.attributes
        return msgspec.structs.replace(asset, tags=(*asset.tags, *(own or ())), attributes=attributes)


def catalog_pause(warehouse: str, told: str) -> float:
    """The `catalog_every` of a warehouse's configuration in seconds. Raises ConfigError."""
    seconds = seconds_of(told)
    if seconds is None:
        raise ConfigError(
            f"warehouse '{warehouse}': catalog_every '{told}' is no length of time", hint=f"write {EXAMPLES}"
        )
    return seconds


def tags_of(
    file: Path, place: str, asked: str, every: float, ask: Callable[[], Iterable[TagRow] | str]
) -> Tags:
    """The tags, asked at most so often (`every`, seconds). `ask` answers with a text where they cannot be asked now: then, and when
    it fails, those that were kept stay; those of another place do not."""
    kept = kept_tags(file)
    if kept.place != place:
        kept = Tags(place=place, asked=asked)
    elif kept.asked != asked:  # other schemas, say: what is known of these holds until there is an answer
        kept = msgspec.structs.replace(kept, asked=asked, read_at=0.0)
    now = time.time()
    if kept.read_at and now - kept.read_at < every:
        return kept
    try:
        answer = ask()
        found = (
            msgspec.structs.replace(kept, why=answer)
            if isinstance(answer, str)
            else _sorted(msgspec.structs.replace(kept, read_at=now, why=None), answer)
        )
    except PenstockError as error:  # refused: asked again when it is due, not by each look
        found = msgspec.structs.replace(kept, why=error.what, read_at=now)
    if found != kept:
        private_folder(file.parent)
        write_private(file, msgspec.msgpack.encode(found))
    return found


def tags_told(tags: Tags) -> Iterable[Diagnosis]:
    """A line of `doctor`: how old they are, and why they are no younger. Nothing where nobody has asked for any."""
    if not tags.asked:
        return
    count = len(tags.tables.keys() | tags.columns.keys())
    known = f"on {count} table{'' if count == 1 else 's'}" if count or tags.why is None else "not known"
    yield Diagnosis(subject="tags", ok=True, message=known, unchecked=tags.why)


def kept_tags(file: Path) -> Tags:
    """As they were told last; none where nobody has told."""
    try:
        return msgspec.msgpack.decode(file.read_bytes(), type=Tags)
    except (OSError, msgspec.MsgspecError):
        return Tags()


def _sorted(answered: Tags, rows: Iterable[TagRow]) -> Tags:
    tables: dict[str, set[str]] = {}
    columns: dict[str, dict[str, set[str]]] = {}
    for row in rows:
        relation = f"{row.database}.{row.schema}.{row.table}"
        text = f"{row.name}={row.value}" if row.value else row.name
        if row.column is None:
            tables.setdefault(relation, set()).add(text)
        else:
            columns.setdefault(relation, {}).setdefault(row.column, set()).add(text)
    return msgspec.structs.replace(
        answered,
        tables={name: tuple(sorted(tags)) for name, tags in tables.items()},
        columns={
            name: {column: tuple(sorted(tags)) for column, tags in sorted(told.items())}
            for name, told in columns.items()
        },
    )
