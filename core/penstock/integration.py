"""The contract between penstock and every tool: what an integration gives, what it is given. Knows no tool, runs nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import msgspec

from penstock.assets import Definition, Hold, Observation, ObservedMaterialization, Relation

# ---------------------------------------------------------------- warehouses


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach a warehouse: dbt's adapter type and the settings of a profile's output. Holds secrets: never stored or shown.

    Relative paths in `settings` start at `base`.
    """

    type: str
    settings: dict[str, Any]
    base: Path


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a warehouse is, without secrets. `resource` is the pool of `slots` that its writers share."""

    namespace: str  # duckdb:shop.duckdb, postgres://host:5432, snowflake://account
    dialect: str  # sqlglot's name
    resource: str
    slots: int
    database: str | None = None
    schema: str | None = None


class CatalogTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table or view as the warehouse describes it. `rows` may be an estimate; `sql` is a view's own definition."""

    relation: Relation
    kind: str  # table, view
    columns: tuple[tuple[str, str], ...]  # (name, type), in order
    comment: str | None = None
    column_comments: dict[str, str] = {}
    rows: int | None = None
    size_bytes: int | None = None
    sql: str | None = None


class WriteMode(StrEnum):
    """What a load does to its table. REPLACE swaps it whole, APPEND adds, MERGE keeps the newest row per key."""

    REPLACE = "replace"
    APPEND = "append"
    MERGE = "merge"


class RowSource(msgspec.Struct, frozen=True, kw_only=True):
    """Rows in a file of JSON lines (`path`), each an envelope. A line belongs to this source when every (JSON path, value)
    of `where` holds; the row is the object at `row`, its time (epoch milliseconds) the number at `time`.

    Only lines that end at or before byte `until` count (None: the whole file). Lines that are not JSON are skipped.
    """

    path: Path
    where: tuple[tuple[str, str | None], ...]
    row: str
    time: str
    until: int | None = None


class ColumnRole(StrEnum):
    """Where a column's value comes from: a field of the row, or one that the loader makes."""

    FIELD = "field"
    ROW_ID = "row_id"  # a fresh UUID
    EXTRACTED_AT = "extracted_at"  # the row's time, as timestamp with time zone
    META = "meta"  # {"changes": [{"field", "change", "reason"}], "sync_id": n}: values that did not fit their type and became null
    GENERATION = "generation"  # the load's generation number


class LoadColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column to write. `field` is the top-level field of the row; `type` one of string, boolean, integer, number, date,
    timestamp_tz, timestamp, time_tz, time, json."""

    name: str
    role: ColumnRole
    type: str
    field: str | None = None


class TableLoad(msgspec.Struct, frozen=True, kw_only=True):
    """One table of a load. `primary_key` and `cursor` are column names; MERGE keeps, per key, the row with the highest
    (cursor, extracted_at), and needs a key.

    The generation written is `generation` or the table's highest, whichever is greater; with `new_generation` one more
    than the table's highest."""

    relation: Relation
    mode: WriteMode
    columns: tuple[LoadColumn, ...]
    rows: RowSource
    primary_key: tuple[str, ...] = ()
    cursor: str | None = None
    generation: int = 0
    sync_id: int = 0
    new_generation: bool = False


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """Everything one step writes, in one transaction: tables, and the loader's state (JSON text per `state` key).

    `token` identifies the attempt: a load whose token is already recorded is not applied again.
    `partial`: more lines follow in the same file. What is there is staged already (up to `RowSource.until`); a later call with
    the same staging folder goes on from there, and only what that one returns is committed.
    """

    loader: str  # whose state: integration/instance/connection
    token: str
    tables: tuple[TableLoad, ...]
    state: dict[str, str]
    staging: Path  # a folder of this attempt's own for intermediate files
    partial: bool = False


class LoadedTable(msgspec.Struct, frozen=True, kw_only=True):
    """What a load did to a table. `notes` are sentences about what had to change in it (new columns, wider types)."""

    relation: Relation
    rows_read: int
    rows_total: int
    size_bytes: int | None = None
    notes: tuple[str, ...] = ()


class StagedLoad(Protocol):
    """A load whose rows are parsed and typed outside the warehouse; only `commit` touches it."""

    def commit(self) -> tuple[LoadedTable, ...]:
        """Write everything in one transaction. Raises WarehouseBusy when another process holds the warehouse."""
        ...


class Destination(Protocol):
    """The writing side of a warehouse, for integrations that load data themselves. Blocking: call it in a thread."""

    address: Address

    def relation(self, schema: str | None, table: str) -> Relation:
        """Where a table of these (already normalised) names lies."""
        ...

    def state(self, loader: str) -> dict[str, str]:
        """The loader's committed state; empty before the first load (also when the warehouse does not exist yet)."""
        ...

    def committed(self, loader: str, token: str) -> tuple[LoadedTable, ...] | None:
        """What the load of that attempt token wrote; None when it was not committed. Raises WarehouseBusy."""
        ...

    def stage(self, load: Load) -> StagedLoad:
        """Parse and type the rows into the load's staging folder, without touching the warehouse."""
        ...


class Warehouse(Protocol):
    """A warehouse as penstock reads it. Blocking: call it in a thread."""

    address: Address

    def catalog(self) -> tuple[CatalogTable, ...]:
        """Every table and view. Raises WarehouseBusy when another process holds it."""
        ...

    def row_counts(self, relations: Iterable[Relation]) -> dict[Relation, int]:
        """Exact row counts of those that exist."""
        ...

    def destination(self) -> Destination: ...


class WarehouseContext(msgspec.Struct, frozen=True, kw_only=True):
    connection: Connection
    project_root: Path


# ---------------------------------------------------------------- observing


class ObserveContext(msgspec.Struct, frozen=True, kw_only=True):
    """What an integration is given to look around. `config` is its validated part of penstock.yml (its `config` type).

    `may_call`: tools may be started and networks asked (refresh, plan, run); else only files are read.
    `address` tells where a connection leads; `connection` gives a warehouse of penstock.yml by name.
    `environ` is what `${VAR}` and the tools see; `progress` shows one short line to who waits.
    """

    project_root: Path
    state_dir: Path  # .penstock
    cache_dir: Path  # per user: ~/.cache/penstock
    instance: str
    config: Any
    environment: str
    may_call: bool
    environ: Mapping[str, str]
    options: Mapping[str, Any]  # target, vars and the like from the command line
    address: Callable[[Connection], Address]
    connection: Callable[[str], Connection]
    progress: Callable[[str], None]


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `doctor`. `hint` says how to mend what is not ok."""

    subject: str
    ok: bool
    message: str
    hint: str | None = None


# ---------------------------------------------------------------- running


class ItemKind(StrEnum):
    ASSET = "asset"
    CHECK = "check"


class StepItem(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One thing a step makes or checks, in the tool's own id."""

    id: str
    kind: ItemKind


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One unit that a runner runs: a sync, a dbt invocation over many nodes, a check. Names no tool's type.

    `kind` is the producer's kind, or `build` for a batch; `options` are the plan's flags for that tool (full_refresh, vars ...).
    `first` and `last`: of the steps that its batch is shared out to in this run, as far as is known when it is formed.
    """

    id: str
    integration: str
    instance: str
    kind: str
    items: tuple[StepItem, ...]
    holds: tuple[Hold, ...] = ()
    options: dict[str, Any] = {}
    first: bool = True
    last: bool = True


class AttemptKey(msgspec.Struct, frozen=True, order=True, array_like=True):
    """One try of a step: the idempotency key of everything that it triggers outside."""

    run: str
    step: str
    attempt: int

    def __str__(self) -> str:
        return f"{self.run}/{self.step}/{self.attempt}"


class Handle(msgspec.Struct, frozen=True, kw_only=True):
    """What is running, so that another process can find it: `external` is JSON-able (pid, boot id, start time, files, job id)."""

    attempt: AttemptKey
    external: dict[str, Any] = {}


class Outcome(StrEnum):
    """How an item or a step ended. FAIL is a check's verdict, ERROR means that it could not be done."""

    SUCCESS = "success"
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"
    PARTIAL = "partial"  # some batches of a microbatch model failed
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    NO_OP = "no_op"

    @property
    def good(self) -> bool:
        """Whether what depends on it may go on."""
        return self in (Outcome.SUCCESS, Outcome.WARN, Outcome.NO_OP)


class EventKind(StrEnum):
    ITEM_STARTED = "item_started"
    ITEM_PROGRESS = "item_progress"
    ITEM_FINISHED = "item_finished"
    PHASE = "phase"  # the step itself entered a phase: installing, reading, waiting for ..., committing
    LOG = "log"
    FINISHED = "finished"  # always the last event of a step


class StepEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that happened in a step. `at` is epoch seconds; `item` the tool's id for item events.

    `retryable` on FINISHED: false when trying again without a change cannot help.
    """

    kind: EventKind
    at: float
    item: str | None = None
    outcome: Outcome | None = None
    message: str | None = None
    level: str = "info"
    rows: int | None = None
    size_bytes: int | None = None
    seconds: float | None = None
    retryable: bool = True
    data: dict[str, Any] = {}


class RunContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a runner is given. `folder(attempt)` is that attempt's own folder (made), for logs and event files.

    `hold(attempt, phase)` waits for the step's resources of that phase and gives them back on exit; those of phase `all`
    are held by the engine around the whole step. `warehouse(name)` is a warehouse of penstock.yml.
    """

    project_root: Path
    state_dir: Path
    cache_dir: Path
    instance: str
    config: Any
    environment: str
    environ: Mapping[str, str]
    options: Mapping[str, Any]
    folder: Callable[[AttemptKey], Path]
    hold: Callable[[AttemptKey, str], AbstractAsyncContextManager[None]]
    warehouse: Callable[[str], Warehouse]
    address: Callable[[Connection], Address]
    connection: Callable[[str], Connection]
    redact: Callable[[str], str]


class Runner(Protocol):
    """How an integration's steps are run. The engine is the only caller."""

    async def start(self, step: Step, attempt: AttemptKey) -> Handle:
        """Start it; idempotent per attempt key."""
        ...

    async def find(self, step: Step, attempt: AttemptKey) -> Handle | None:
        """What already runs, or has ended, under that key; None when it was certainly never started."""
        ...

    def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        """From the beginning to FINISHED; every item of the step has had its ITEM_FINISHED by then."""
        ...

    async def cancel(self, handle: Handle) -> None:
        """Ask it to stop and wait until it has; `events` then ends with outcome CANCELLED (or whatever came first)."""
        ...

    async def close(self) -> None:
        """The run is over: leave nothing behind."""
        ...


# ---------------------------------------------------------------- the integration


@runtime_checkable
class Integration(Protocol):
    """One tool. Found by the entry point group `penstock.integrations`; importing its module must be cheap."""

    name: str
    config: type[msgspec.Struct]  # one instance in penstock.yml: `<name>: {<instance>: <config>}`

    def observe(self, context: ObserveContext) -> Observation:
        """What exists; no side effects on data."""
        ...

    def definitions(self, context: ObserveContext, ids: frozenset[str] | None = None) -> Iterable[Definition]:
        """The compiled SQL of what this instance defines (all, or these ids). Compiles when needed and `may_call`."""
        ...

    def connection(self, context: ObserveContext) -> Connection | None:
        """The warehouse this instance itself is configured to work in (a dbt profile's), if any."""
        ...

    def runner(self, context: RunContext) -> Runner | None:
        """How its steps are run; None when it has none."""
        ...

    def warehouse(self, context: WarehouseContext) -> Warehouse | None:
        """The warehouse behind a connection of type `name`; None when this is no warehouse integration. Opens nothing yet."""
        ...

    def diagnose(self, context: ObserveContext) -> Iterable[Diagnosis]:
        """What `doctor` shows about this instance: tool, version, path, connectivity."""
        ...


@runtime_checkable
class Comparing(Protocol):
    """An integration whose assets can be selected by what differs from another run of it."""

    def compare(self, context: ObserveContext, method: str, value: str) -> Iterable[str]:
        """The ids of this instance that `state:`, `result:` or `source_status:` finds, compared with `options["state"]`."""
        ...


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What artefacts from elsewhere tell. `elsewhere`: ids of what was made in another place than this instance's target."""

    materializations: tuple[ObservedMaterialization, ...]
    elsewhere: tuple[str, ...] = ()


@runtime_checkable
class Ingesting(Protocol):
    """An integration whose runs elsewhere (CI, its own cloud) leave artefacts that can be read here."""

    def ingest(self, context: ObserveContext, path: Path) -> Told:
        """Read the artefacts at `path`, a file or a folder. Raises DocumentError."""
        ...
