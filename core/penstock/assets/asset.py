"""What exists: assets, their columns, checks and producers, after merging. Records only; behaviour is in graph."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from penstock.assets.key import AssetKey, Relation


class AssetKind(StrEnum):
    """What an asset is, in the field's words."""

    __hash__ = str.__hash__  # Enum's own is Python code: tens of thousands of assets are looked up by it

    STREAM = "stream"
    TABLE = "table"
    VIEW = "view"
    SEED = "seed"
    SNAPSHOT = "snapshot"
    EPHEMERAL = "ephemeral"
    FILE = "file"
    EXPOSURE = "exposure"
    METRIC = "metric"
    SEMANTIC_MODEL = "semantic_model"
    SAVED_QUERY = "saved_query"
    ANALYSIS = "analysis"
    FUNCTION = "function"
    OPERATION = "operation"
    OTHER = "other"  # kept and shown under the tool's own word (`resource_type`)


class Column(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A column (or a stream's top-level field). `type` is the tool's or warehouse's own word for it.

    `documented`: a document of the project (YAML) names it; `cataloged`: the warehouse has it.
    """

    name: str
    type: str | None = None
    description: str = ""
    documented: bool = False
    cataloged: bool = False


class ToolRef(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True):
    """A thing in a tool's own words: integration `dbt`, instance `transform`, id `model.shop.orders`."""

    integration: str
    instance: str
    id: str

    def __str__(self) -> str:
        return f"{self.integration}/{self.instance}:{self.id}"


class DeclaredAs(msgspec.Struct, frozen=True, order=True, gc=False, array_like=True):
    """A name under which a tool reads what is made elsewhere (a dbt source): its type, package, group and name in that tool."""

    resource_type: str
    package: str
    group: str
    name: str


class Severity(StrEnum):
    ERROR = "error"
    WARN = "warn"


class Asset(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One thing that exists, as all integrations together see it. Columns are kept by the graph, apart.

    What a tool told stands in the order of `ObservedAsset`: it is copied by position (so for `Check` and `Producer`).
    """

    key: AssetKey
    kind: AssetKind
    name: str
    resource_type: str
    relation: Relation | None = None
    seen_by: tuple[ToolRef, ...] = ()
    producer: ToolRef | None = None
    aliases: tuple[str, ...] = ()
    description: str = ""
    tags: tuple[str, ...] = ()
    group: str | None = None
    owner: str | None = None
    package: str | None = None
    path: str | None = None
    fqn: tuple[str, ...] = ()
    materialized: str | None = None
    rows: int | None = None
    size_bytes: int | None = None
    attributes: dict[
        str, str
    ] = {}  # small facts in the tool's words: access, version, source_name, url, connection ...
    config: bytes = b""  # the tool's own configuration of it, as JSON text; decoded only by who asks
    declared_as: tuple[DeclaredAs, ...] = ()

    @property
    def declared_only(self) -> bool:
        """Read under a declared name, and made by nothing that is known here."""
        return bool(self.declared_as) and self.producer is None


class Check(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A test of assets. `before` is true for a unit test: it runs before the asset is made, and gates it. `recipe` is what its verdict
    follows from beside the data; None: it is run whenever it is asked for."""

    key: AssetKey
    kind: str  # data_test, unit_test, freshness
    name: str
    seen_by: ToolRef
    assets: tuple[AssetKey, ...]
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


MEMORY = "memory"  # a resource that every machine has: one slot is a megabyte


class Hold(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A resource that a step needs: the pool's name, in which phase (`all`, or the runner's own: `commit`), how many slots.

    `open`: it has no limit of its own, only the one that `pools` in penstock.yml gives it.
    """

    resource: str
    phase: str = "all"
    slots: int = 1
    open: bool = False


class Batch(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """How the producers and checks of one `batch` may be shared out over steps in one run.

    `most` steps at the most (0: as many as it takes), `beside` of them at one time; `seconds` is about what a further step
    costs before its first item begins. `ends`: its last step does more than its items ask, so none is put off that may turn
    out to be needless. `why` says in words why `most` is 1, where that is not simply asked for.
    """

    name: str
    most: int = 0
    beside: int = 1
    seconds: float = 0.0
    ends: bool = False
    why: str = ""


class Permission(StrEnum):
    """Whether a run may start a producer that works elsewhere and may cost money. ASK: when somebody says yes."""

    FREE = "free"
    ASK = "ask"
    NEVER = "never"


class ChangeKind(StrEnum):
    """What has changed at a source. Removed and changed columns may break what reads them; added ones break nothing."""

    STREAM_REMOVED = "stream_removed"
    COLUMN_REMOVED = "column_removed"
    COLUMN_CHANGED = "column_changed"  # another type, masked, or made another way
    COLUMN_ADDED = "column_added"
    SETTING = "setting"  # sync mode, key or cursor


class OnChange(StrEnum):
    """What a run does about changes of a source. BLOCK_AFFECTED holds back what the changed columns reach."""

    WARN = "warn"
    BLOCK_AFFECTED = "block_affected"
    BLOCK = "block"


class SourceChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A change that was seen at a source and has not been loaded yet. `item` is the table's id in the tool's words."""

    kind: ChangeKind
    item: str
    message: str
    column: str | None = None


class Recipe(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What decides an asset's content beside its inputs, as digests that its tool can tell without making it.

    `form`: table, view, incremental, snapshot, seed; check, unit_check. `settings`: what is configured. `template`: its file, and all code that the file
    uses. `context`: named values that they read ("var start_date"). `open`: why the same recipe may give other data from the
    same inputs, in words; "" when it does not. `unsettled`: in the step that makes it, others may write into it after it was read. `max_lag`: for how many seconds after it was made it need not follow new data. `parts`:
    of what `settings` and `template` are digests, by name ("macro cents"): as far as it can be told, and for people alone. `deterministic`: it is
    no SQL, and its author says that it reads its inputs alone and gives the same rows for the same ones.
    `metadata`: what describes it and decides nothing ("description", "tags"), as digests; None where its tool does not tell. `keeps`: its rows
    stay, also when all are asked to be made anew. `bound`: constraints of it refer to what it reads (foreign keys).
    """

    form: str
    settings: str
    template: str
    context: dict[str, str] = {}
    open: str = ""
    unsettled: bool = False
    max_lag: float | None = None
    parts: dict[str, str] = {}
    deterministic: bool = False
    metadata: dict[str, str] | None = None
    keeps: bool = False
    bound: bool = False


class DeclaredPolicy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a tool's own files say about when an asset may be built by itself; lengths of time as people write them (`4h`). None: it
    says nothing. `place` is where it stands. penstock.yml comes after it."""

    place: str
    build: str | None = None
    build_after: str | None = None
    updates_on: str | None = None
    settle: str | None = None
    warn: str | None = None
    fail: str | None = None
    builds_per_day: int | None = None


class OwnTimes(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a tool starts a producer by itself; `text` in its own words. `cron`: five fields, in `timezone`; or so many seconds after its
    last start (`every`). Neither: when cannot be told."""

    text: str
    cron: str | None = None
    timezone: str = "UTC"
    every: float | None = None


class Producer(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What makes assets: an Airbyte connection, a dbt node. Producers of one `batch` may share one invocation.

    `appends`: made twice, its rows may be there twice. `payload`: what its integration wants to know when it runs it, as JSON text.
    `permission`: whether it may be started without a question; `starts` says what would be started ("a sync in Airbyte").
    `changes`: what has changed at its source since it made its assets last, and `on_change` what a run does about that.
    """

    ref: ToolRef
    kind: str  # sync, model, seed, snapshot
    batch: str | None = None
    holds: tuple[Hold, ...] = ()
    code_version: str | None = None
    unrunnable: str | None = None  # why it cannot be run from here (artefacts only, policy), in words
    appends: bool = False
    payload: str = ""
    permission: Permission = Permission.FREE
    starts: str = ""
    changes: tuple[SourceChange, ...] = ()
    on_change: OnChange = OnChange.WARN
    attributes: dict[str, str] = {}
    policy: DeclaredPolicy | None = None
    own_times: OwnTimes | None = None  # None: nobody but a person, or penstock, starts it
    recipe: Recipe | None = None  # None: not known, it is made whenever it is asked for


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that does not fit. Kept and shown by `doctor`, never dropped."""

    code: str  # a stable word: two-producers, not-compiled, unresolved-column, catalog-unread ...
    message: str
    asset: AssetKey | None = None
    source: str | None = None  # integration/instance or file:line
    hint: str | None = None
