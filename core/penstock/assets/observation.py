"""What one integration reports: assets, edges, checks, producers, in the tool's own ids. An observation, never an owner."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from penstock.assets.asset import (
    AssetKind,
    Batch,
    Column,
    DeclaredAs,
    DeclaredPolicy,
    Finding,
    Hold,
    OnChange,
    OwnTimes,
    Permission,
    Recipe,
    Severity,
    SourceChange,
)
from penstock.assets.key import Relation


class Role(StrEnum):
    """What a report of an asset means. Where several tools report one relation, who produces it leads, then who declares it."""

    __hash__ = str.__hash__  # as in AssetKind

    PRODUCES = "produces"  # the tool makes it
    DECLARES = "declares"  # the tool names it (a dbt source): it is read, and made elsewhere
    CATALOGS = "catalogs"  # the tool has found it lying there


class Otherwise(msgspec.Struct, frozen=True, kw_only=True):
    """Another relation that an asset may have, by `why` ("legacy"); `columns` are those that have another name there."""

    relation: Relation
    why: str
    columns: dict[str, str] = {}


class ObservedAsset(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One asset as one tool sees it. `id` is the tool's own, unique inside the instance.

    With a `relation` it is merged with whatever other tools see at that place; without one it lives in the
    namespace `integration:instance`. `upstream` and `producer` are ids of this same observation; what has a `producer` has the
    role PRODUCES. `by_rule`: the relation follows from naming rules and was not seen; what other tools see settles it, among
    it and `otherwise`. `packed` stands for `columns` where a warehouse has millions of them (see `pack_columns`).
    """

    id: str
    kind: AssetKind
    name: str
    resource_type: str
    role: Role = Role.DECLARES
    relation: Relation | None = None
    upstream: tuple[str, ...] = ()
    producer: str | None = None
    aliases: tuple[str, ...] = ()
    description: str = ""
    columns: tuple[Column, ...] = ()
    packed: bytes = b""
    tags: tuple[str, ...] = ()
    group: str | None = None
    owner: str | None = None
    package: str | None = None
    path: str | None = None
    fqn: tuple[str, ...] = ()
    materialized: str | None = None
    rows: int | None = None
    size_bytes: int | None = None
    attributes: dict[str, str] = {}
    config: bytes = b""
    declared_as: DeclaredAs | None = None
    by_rule: bool = False
    otherwise: tuple[Otherwise, ...] = ()

    @property
    def all_columns(self) -> tuple[Column, ...]:
        return unpack_columns(self.packed) if self.packed else self.columns


_COLUMNS = msgspec.msgpack.Decoder(tuple[Column, ...])


def pack_columns(columns: Iterable[Column]) -> bytes:
    """Columns as the graph keeps them, at a fourth of the memory; `unpack_columns` gives them again."""
    return msgspec.msgpack.encode(tuple(columns))


def unpack_columns(packed: bytes | msgspec.Raw) -> tuple[Column, ...]:
    """Raises msgspec.DecodeError for what is damaged."""
    return _COLUMNS.decode(packed)


class ObservedCheck(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A test in the tool's own words; `assets` are ids of this observation. Fields as in `Check`.

    `keeps` is the relation in which it stores the rows that failed: a table of the check's own, and no asset.
    """

    id: str
    kind: str
    name: str
    assets: tuple[str, ...]
    column: str | None = None
    severity: Severity = Severity.ERROR
    before: bool = False
    description: str = ""
    tags: tuple[str, ...] = ()
    package: str | None = None
    path: str | None = None
    fqn: tuple[str, ...] = ()
    attributes: dict[str, str] = {}
    config: bytes = b""
    batch: str | None = None
    recipe: Recipe | None = None
    keeps: Relation | None = None


class ObservedProducer(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Fields as in `Producer`; `id` is referred to by `ObservedAsset.producer`."""

    id: str
    kind: str
    batch: str | None = None
    holds: tuple[Hold, ...] = ()
    code_version: str | None = None
    unrunnable: str | None = None
    appends: bool = False
    payload: str = ""
    permission: Permission = Permission.FREE
    starts: str = ""
    changes: tuple[SourceChange, ...] = ()
    on_change: OnChange = OnChange.WARN
    attributes: dict[str, str] = {}
    policy: DeclaredPolicy | None = None
    own_times: OwnTimes | None = None
    recipe: Recipe | None = None


class ObservedMaterialization(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An asset (or check, by id) was made (or run) outside penstock. `at` is epoch seconds, `status` a word of
    `penstock.integration.Outcome`, `by` a few words ("dbt run")."""

    id: str
    at: float
    status: str
    by: str
    rows: int | None = None
    message: str | None = None
    seconds: float | None = None


class FieldMap(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A column that a tool (not SQL) derives: from `source_id`.`source_column` to `target_id`.`target_column`.

    `subtype` is IDENTITY or TRANSFORMATION (with `expression` saying how, e.g. "hashed (SHA-256)").
    """

    source_id: str
    source_column: str
    target_id: str
    target_column: str
    subtype: str = "IDENTITY"
    expression: str | None = None


class Observation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that one instance of an integration reports at one time. `taken_at` is epoch seconds.

    `inputs` are absolute paths (files, folders) whose unchanged stat proves that observing again would give the same;
    a path that does not exist counts as "absent" and changes when it appears. None: only age decides.
    `variables` are the environment variables that count as inputs too.
    `ages`: what was asked may have changed all the same (a source's streams): who may call asks again when it is old.
    `seldom`: above 1 where asking starts tools for seconds. It is due at each so many looks that only age makes necessary, and what
    somebody tells of other data is no reason to.
    `stale`: which part could not be asked, and why; None when all was. Who may call asks again at once.
    `facts` are for `doctor`: the tool's version, executable, adapter.
    """

    integration: str
    instance: str
    taken_at: float
    assets: tuple[ObservedAsset, ...] = ()
    checks: tuple[ObservedCheck, ...] = ()
    producers: tuple[ObservedProducer, ...] = ()
    batches: tuple[Batch, ...] = ()
    fields: tuple[FieldMap, ...] = ()
    materializations: tuple[ObservedMaterialization, ...] = ()
    findings: tuple[Finding, ...] = ()
    inputs: tuple[str, ...] | None = None
    variables: tuple[str, ...] = ()
    ages: bool = False
    seldom: int = 1
    stale: str | None = None
    facts: dict[str, str] = {}


class DefinitionStatus(StrEnum):
    """COMPILED: `sql` is what defines it now. NOT_COMPILED: there is SQL, and it could not be had (now). NO_SQL: it has none."""

    COMPILED = "compiled"
    NOT_COMPILED = "not_compiled"
    NO_SQL = "no_sql"


class Definition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The SQL that defines an asset (id of the same instance), compiled; unless COMPILED `sql` is None, and `reason` says why.

    `inlined` are ids of ephemeral assets whose SQL stands inside this one as CTEs; `added` are columns that the tool
    adds beside the SQL (a snapshot's validity).
    """

    id: str
    status: DefinitionStatus
    sql: str | None
    dialect: str
    reason: str | None = None
    inlined: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    path: str | None = None
