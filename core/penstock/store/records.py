"""What the run store gives out: frozen records of runs, items, steps, attempts, events, materializations. No I/O."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from penstock.assets import AssetKey, DataVersion, Relation, Severity, ToolRef, Window
from penstock.integration import ItemKind, Provenance, Usage
from penstock.store.payloads import Payload


class RunState(StrEnum):
    """QUEUED: recorded, not begun. INTERRUPTED is read, never written: running, but nobody holds its lease any more."""

    QUEUED = "queued"
    RUNNING = "running"
    STOPPING = "stopping"
    DETACHED = "detached"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def ended(self) -> bool:
        return self in (RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED)

    @property
    def resumable(self) -> bool:
        return self in (RunState.DETACHED, RunState.INTERRUPTED)


class StepState(StrEnum):
    """WAITING: formed, its resources are not free yet. RETRYING: the last attempt failed, the next one is due."""

    WAITING = "waiting"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (StepState.SUCCEEDED, StepState.FAILED, StepState.CANCELLED)


class AttemptState(StrEnum):
    """INTENT: it may have been triggered. UNREADABLE: it runs or has run, but cannot be asked now. ABANDONED: it was
    certainly never started, or nothing is left of it, and a new attempt takes its place."""

    INTENT = "intent"
    RUNNING = "running"
    UNREADABLE = "unreadable"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"

    @property
    def ended(self) -> bool:
        return self not in (AttemptState.INTENT, AttemptState.RUNNING, AttemptState.UNREADABLE)


class ItemState(StrEnum):
    """REUSED and LEFT are the plan's decisions (reuse, skip); SKIPPED was planned, but something upstream failed."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"
    PARTIAL = "partial"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    NO_OP = "no_op"
    REUSED = "reused"
    LEFT = "left"

    @property
    def ended(self) -> bool:
        return self not in (ItemState.PENDING, ItemState.RUNNING)

    @property
    def bad(self) -> bool:
        return self in (ItemState.FAIL, ItemState.ERROR, ItemState.PARTIAL)

    @property
    def tells(self) -> bool:
        """Whether it says how the item is: good or bad."""
        return self.ended and self not in (ItemState.SKIPPED, ItemState.CANCELLED, ItemState.LEFT)


class Owner(msgspec.Struct, frozen=True, gc=False):
    """A process, told apart from every other: pids and their start times mean something on one boot of one host only."""

    host: str
    boot: str
    space: str  # the pid namespace
    pid: int
    started: str


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One run. `number` is what people type; `id` is unique across stores and is what tools are given. `flags`: per
    `integration/instance`, those by which other data is made than by a plain run, in words."""

    id: str
    number: int
    environment: str
    state: RunState
    selection: str
    command: str
    graph_hash: str
    created_at: float
    started_at: float | None = None
    ended_at: float | None = None
    message: str | None = None
    counts: dict[str, int] = {}
    retry_of: str | None = None
    key: str | None = None
    wanted: str | None = None  # what somebody asked of it from elsewhere: cancel, detach
    flags: dict[str, str] = {}
    owner: Owner | None = None


class ItemRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One asset or check of a run's plan: what was decided, why, and how it ended. Times are epoch seconds."""

    run: str
    key: AssetKey
    ref: ToolRef
    kind: ItemKind
    name: str
    resource_type: str
    environment: str
    decision: str
    reason: str
    code: str
    unit: str
    state: ItemState
    step: str | None = None
    attempt: int | None = None
    started_at: float | None = None
    ended_at: float | None = None
    seconds: float | None = None
    rows: int | None = None
    size_bytes: int | None = None
    message: str | None = None
    cause: str | None = None  # the name of the first thing that went wrong above it
    severity: Severity = Severity.ERROR
    relation: Relation | None = None
    window: Window | None = None  # the range of time to fill; None: all of it
    provenance: Provenance | None = None  # whose job it was, when somebody else made it
    usage: Usage | None = None


class StepRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a run; `items` are the plan's keys that it makes. `waited` is seconds per thing waited for."""

    run: str
    id: str
    environment: str
    integration: str
    instance: str
    kind: str
    batch: str | None
    state: StepState
    items: tuple[str, ...]
    created_at: float
    started_at: float | None = None
    ended_at: float | None = None
    attempts: int = 0
    message: str | None = None
    waited: dict[str, float] = {}


class AttemptRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One try of a step, over `items` of it (None: all). `external` is the runner's handle, `intent` what it
    wanted remembered from before the trigger, `log` its log file (relative to the folder of runs), `tail` its last lines
    when it failed."""

    run: str
    step: str
    attempt: int
    environment: str
    state: AttemptState
    items: tuple[str, ...] | None
    intent_at: float
    started_at: float | None = None
    ended_at: float | None = None
    external: dict[str, object] | None = None
    intent: dict[str, object] = {}
    outcome: str | None = None
    message: str | None = None
    retryable: bool = True
    log: str | None = None
    tail: tuple[str, ...] = ()
    fence: int = 0


class NewEvent(msgspec.Struct, frozen=True):
    """Something to be recorded. `state` is the new state of its subject (the part of `kind` before the dot).
    `data` is of the type that PAYLOADS names for its kind."""

    kind: str
    at: float
    state: str | None = None
    step: str | None = None
    attempt: int | None = None
    item: str | None = None
    data: Payload | None = None


class EventRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened in a run. Append-only; `seq` counts within the run. State is what these fold to."""

    run: str
    seq: int
    at: float
    kind: str
    environment: str
    state: str | None = None
    step: str | None = None
    attempt: int | None = None
    item: str | None = None
    data: Payload | None = None
    position: int | None = None  # in the whole store; None: from before there were positions


class End(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How something ended, and in which run."""

    run: str
    ended_at: float
    state: str


class MaterializationRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The record that an asset was made. What nothing computes yet is None; `facts` keeps what has no column of its own."""

    run: str
    step: str
    attempt: int
    environment: str
    asset: AssetKey
    outcome: str
    started_at: float | None
    ended_at: float
    relation: Relation | None = None
    seconds: float | None = None
    rows: int | None = None
    size_bytes: int | None = None
    columns: tuple[tuple[str, str], ...] | None = None
    code_version: str | None = None
    text_hash: str | None = None
    template_hash: str | None = None
    macro_hash: str | None = None
    metadata_version: str | None = None
    variables: dict[str, str] | None = None  # names of vars and environment variables; values are hashes
    sql_ref: str | None = None
    materialized: str | None = None
    mode: str | None = None  # full, incremental, batch, clone
    tool_version: str | None = None
    adapter_version: str | None = None
    data_version: DataVersion | None = None
    inputs: dict[str, object] | None = (
        None  # per parent: its data version and columns, as read before the build
    )
    column_hashes: dict[str, str] | None = None
    stable: bool | None = None
    warehouse_token: str | None = None
    reuse_key: str | None = None
    clone_of: str | None = None
    base_commit: str | None = None
    dirty: bool | None = None
    window: Window | None = None
    provenance: Provenance | None = None
    facts: dict[str, object] = {}


class CheckRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One result of a check. `failures` is how many rows it found, where the tool says so."""

    run: str
    step: str
    attempt: int
    environment: str
    check: AssetKey
    name: str
    outcome: str
    ended_at: float
    started_at: float | None = None
    seconds: float | None = None
    failures: int | None = None
    message: str | None = None
    inputs: dict[str, object] | None = None
    facts: dict[str, object] = {}


class OutsideRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An asset was made, or a check run, outside penstock. `by` is a few words: "dbt run"."""

    environment: str
    asset: AssetKey
    at: float
    status: str
    by: str
    rows: int | None = None
    message: str | None = None
    seconds: float | None = None


class LeaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Who may write: a run's coordinator (`run:ID`), or the run that makes an asset now (the asset's key)."""

    name: str
    run: str
    step: str | None
    owner: Owner | None
    fence: int
    expires_at: float
    window: Window | None = None  # only that range of time of the asset


class ReuseAudit(msgspec.Struct, frozen=True, kw_only=True):
    """What was built although it would have been reused. `outcome`: `same`, `differs`, or `unsure` with the `reason`. `before` was made
    by run `made_by` (a number), `after` in `run` (an id)."""

    run: str
    asset: AssetKey
    environment: str
    name: str
    compared_at: float
    outcome: str
    reason: str = ""
    before: str = ""
    after: str = ""
    made_by: int | None = None


class RunDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A run with everything below it, in the plan's order. `reuse_audits` where they are asked for."""

    run: RunRecord
    items: tuple[ItemRecord, ...]
    steps: tuple[StepRecord, ...]
    attempts: tuple[AttemptRecord, ...]
    reuse_audits: tuple[ReuseAudit, ...] = ()
