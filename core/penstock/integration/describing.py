"""What a tool says of how its assets are defined, so that two versions of a project can be compared. Records and protocol only."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, runtime_checkable

import msgspec

from penstock.integration.observing import AnyObserveContext, ObserveContext


class Setting(msgspec.Struct, frozen=True, array_like=True):
    """A setting as it was written, and as it is once templates are read: the second may differ from target to target."""

    written: str
    value: str


class Described(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One asset's definition (id of the same instance) as its author wrote it.

    `settings` are those that shape what is made, `upkeep` those that only shape how it is stored. `uses` are digests of what the
    text draws on, by name ("macro cents", "var start_date", "file"). `names`: how the SQL spells the relations that it reads, and
    whose they are. `path` is relative to the project's root. `contract`: names and types that are enforced, None without. `asks`:
    the word by which it asks the warehouse while it is compiled, "" when it does not; `asks_rows` whether for more than the names of
    relations and columns. `on_columns`: what becomes of a new column.
    """

    id: str
    form: str
    settings: dict[str, Setting] = {}
    upkeep: dict[str, Setting] = {}
    uses: dict[str, str] = {}
    names: tuple[tuple[str, str], ...] = ()
    text: str = ""
    path: str | None = None
    contract: dict[str, str] | None = None
    asks: str = ""
    asks_rows: bool = False
    on_columns: str = ""


class Descriptions(msgspec.Struct, frozen=True, kw_only=True):
    """All that one instance defines. `project` is the tool's own name for it."""

    project: str
    assets: tuple[Described, ...]


@runtime_checkable
class Describing(Protocol):
    """Its definitions are files under version control, or documents that somebody has kept: two versions can be compared."""

    def describe(self, context: AnyObserveContext) -> Descriptions:
        """Every asset's definition. Calls nothing that `observe` would not call."""
        ...

    def at_checkout(self, context: AnyObserveContext, now: AnyObserveContext) -> ObserveContext[object]:
        """The context of a checkout of another version, made ready: what is not under version control is taken from `now`."""
        ...

    def of_document(self, context: ObserveContext[object], path: Path) -> AnyObserveContext:
        """The context of the version that a kept document tells of. Raises DocumentError."""
        ...

    def documents(self, path: Path) -> Iterable[Path]:
        """The document at `path`, a file or a folder, if it is one of this tool's."""
        ...
