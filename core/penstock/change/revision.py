"""One version of a project as a comparison reads it, and what the comparison of two says. Records only.

Both versions name their assets by the same keys: who reads them has seen to that.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from penstock.assets import AssetKey, AssetKind
from penstock.change.sqlchange import Edit


class Value(msgspec.Struct, frozen=True, array_like=True):
    """A setting as written, and as rendered for one target."""

    written: str
    value: str


class Member(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One asset of a version. `made`: it is defined here, and not only read. `sql` names relations by the ids of their assets.

    `id` is its name in that SQL. `columns` are the outputs in order (None: not known), `open` when a star may hide more; `followed` False when its SQL could not
    be read. `first_line` of the file is the first of `text`. `problems` are what the walk over its SQL found wrong: code, sentence, line. `reads` are all relations that it names.
    """

    key: AssetKey
    name: str
    kind: AssetKind
    id: str = ""
    made: bool = True
    owner: str | None = None
    form: str = ""
    settings: dict[str, Value] = {}
    upkeep: dict[str, Value] = {}
    uses: dict[str, str] = {}
    text: str = ""
    path: str | None = None
    first_line: int = 1
    contract: dict[str, str] | None = None
    asks: str = ""
    asks_rows: bool = False
    on_columns: str = ""
    sql: str | None = None
    without: str = ""
    dialect: str = ""
    columns: tuple[str, ...] | None = None
    types: dict[str, str] = {}
    open: bool = False
    followed: bool = True
    problems: tuple[tuple[str, str], ...] = ()
    upstream: tuple[AssetKey, ...] = ()
    reads: tuple[AssetKey, ...] = ()


class Judging(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A test of one version. `text` is another one whenever it judges otherwise."""

    id: str
    key: AssetKey
    name: str
    assets: tuple[AssetKey, ...]
    column: str | None = None
    severity: str = "error"
    text: str = ""


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """A version: its assets in dependency order, its tests, and its column edges as bytes. `same_target`: its settings were rendered
    for the target that the other version's are."""

    members: dict[AssetKey, Member]
    tests: dict[str, Judging]
    edges: bytes
    same_target: bool = True
    tests_known: bool = True


class Level(StrEnum):
    """How much a change does, the most first."""

    BREAKS = "breaks"
    DATA = "data"
    ADDITIVE = "additive"
    COSMETIC = "cosmetic"
    NONE = "none"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Level.BREAKS: "breaks",
    Level.DATA: "changes data",
    Level.ADDITIVE: "adds only",
    Level.COSMETIC: "form only",
    Level.NONE: "changes nothing",
}


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    path: str
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


class Break(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that will not build, or will not be there for who reads it. `sure` False: it may, and nothing here can tell."""

    asset: str
    message: str
    place: Place | None = None
    sure: bool = True


class ColumnChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A column of an asset whose own code changed. `what`: changed, added, removed, retyped; `readers` read it by name."""

    column: str
    what: str
    edits: tuple[Edit, ...] = ()
    place: Place | None = None
    readers: tuple[str, ...] = ()


class AssetChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An asset that is not what it was. `own`: its own definition changed (else what it reads does). `what`: added, removed,
    changed, cosmetic, rebuilt. `everything`: why all its rows may differ; else `columns` may. `because` are the assets whose change
    comes to it."""

    name: str
    key: AssetKey
    kind: AssetKind
    form: str
    what: str
    level: Level
    own: bool
    everything: str = ""
    columns: tuple[str, ...] = ()
    changes: tuple[ColumnChange, ...] = ()
    reasons: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
    place: Place | None = None
    owner: str | None = None


class Hit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An exposure (or metric) that shows what changes: `columns` are "asset.column", or the asset where all its rows may differ."""

    name: str
    kind: AssetKind
    owner: str | None
    columns: tuple[str, ...]


class ContractChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    asset: str
    message: str
    readers: tuple[str, ...] = ()
    place: Place | None = None


class TestChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`what`: added, removed, changed, without_column."""

    name: str
    what: str
    asset: str
    message: str = ""


class Redo(msgspec.Struct, frozen=True, kw_only=True):
    """A table that keeps what older code made: an incremental model or a snapshot."""

    asset: str
    form: str
    message: str


class Reading(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A table that is made elsewhere, and what of it is newly read, or no longer read by anything here."""

    asset: str
    newly: tuple[str, ...] = ()
    no_longer: tuple[str, ...] = ()
    whole: str = ""  # newly, no_longer: the table itself


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """Of what is made here: `rebuilt` has another text or setting and the same rows; `plain` is what a comparison of files alone,
    and all below, would build."""

    total: int
    data: int
    rebuilt: int
    untouched: int
    added: int
    removed: int
    plain: int


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """What a change does. `assets` has every asset that is not untouched, in dependency order; `untouched` the names of the rest."""

    level: Level
    breaks: tuple[Break, ...]
    hits: tuple[Hit, ...]
    contracts: tuple[ContractChange, ...]
    counts: Counts
    assets: tuple[AssetChange, ...]
    untouched: tuple[str, ...]
    tests: tuple[TestChange, ...]
    redo: tuple[Redo, ...]
    readings: tuple[Reading, ...]
    edges: tuple[tuple[str, str], ...]
    unknown: tuple[str, ...]
