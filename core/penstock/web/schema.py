"""Records of the API that the command line does not have: queries, bodies, and answers. Shapes only; no I/O."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from penstock.service.activity import Hour
from penstock.service.automationpage import TickDocument
from penstock.service.columncounts import ColumnNear
from penstock.service.completing import Completion

Text = Annotated[str, msgspec.Meta(max_length=2_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Hops = Annotated[int, msgspec.Meta(ge=0, le=100)]
Grouping = Literal["none", "tool", "project", "folder", "schema", "owner"]


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """RFC 9457, `application/problem+json`. `hint` says what to do next."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    hint: str = ""


# ------------------------------------------------------------ queries


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters."""


class Selected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A selection in the command line's grammar; empty: everything."""

    select: Text = ""
    exclude: Text = ""


class SelectedPage(Selected, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`cursor` comes from the `Link` header of the page before."""

    cursor: Text = ""
    limit: Limit = 1_000


class GraphQuery(Selected, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`focus` is an asset with `up` and `down` hops around it. `collapse`: names of groups, separated by commas, or `*`."""

    focus: Text = ""
    up: Hops = 2
    down: Hops = 2
    group: Grouping = "none"
    collapse: Text = ""


class AssetQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Name


class LineageQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`of` is ASSET or ASSET.COLUMN."""

    of: Name
    upstream: bool = True
    downstream: bool = True
    depth: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    direct: bool = False


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Text = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 20


class RunsNarrowed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`select`: that were to make or check one of these assets. `by`: begun by this person, by `automation` or in a `terminal`. `trigger`: begun
    by `automation`, in the `browser` or a `terminal`, as a `retry`, or by `schedule:NAME`. `since`, `until`: made from then on, and before then."""

    select: Text = ""
    by: Text = ""
    trigger: Text = ""
    since: Moment | None = None
    until: Moment | None = None


class RunsQuery(RunsNarrowed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Also `state`: only runs in these states, separated by commas. `cursor` comes from the `Link` header of the page before."""

    state: Text = ""
    cursor: Text = ""
    limit: Limit = 50


class ActivityQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    days: Annotated[int, msgspec.Meta(ge=1, le=31)] = 7


class LogQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of one attempt from a byte on. `attempt` None: the newest."""

    step: Name
    attempt: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None
    offset: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0


class HistoryQuery(AssetQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Limit = 100


class EventsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`topics`: separated by commas: `runs` (how runs, steps and items change), `graph` (the graph has a new hash)."""

    topics: Text = "runs,graph"
    after: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None


# ------------------------------------------------------------ bodies


class PlanRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to plan: a selection, or with `retry_of` what was left of a run (or of one `step` of it), with all that it had started. `start` says
    whether work elsewhere that may cost money is started: `never`, `always`, or a selection of what may. `flags`: of the tools, by their field, from GET /api/v1/flags."""

    select: tuple[Text, ...] = ()
    exclude: tuple[Text, ...] = ()
    selector: Text | None = None
    checks: bool = True
    full_refresh: bool = False
    fail_fast: bool = False
    start: Text = "never"
    retry_of: Name | None = None
    step: Name | None = None
    flags: Annotated[dict[Name, bool | int | Text], msgspec.Meta(max_length=50)] = {}


class LaunchRequest(PlanRequest, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The request that was planned, with the `hash` of the plan that was shown: another plan is not started (409)."""

    hash: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class PauseRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`schedule` None: everything."""

    schedule: Name | None = None
    why: Text = ""


# ------------------------------------------------------------ answers


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """`login` is `none` (a person on this machine) or `local`. `rights` hold somewhere; an answer may still refuse."""

    user: str
    login: Literal["none", "local"]
    rights: tuple[str, ...]


class RunCountsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """How many runs there are, by state."""

    format: int
    states: dict[str, int]


class ActivityDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`hours` from `since` on, without a gap, the present one last. `cut`: there were more runs than are counted."""

    format: int
    since: str
    hours: tuple[Hour, ...]
    cut: bool


class FlagDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A flag of a tool that a plan may be given. `name` is its long form; `kind` switch, count, choice or text."""

    field: str
    name: str
    tool: str
    kind: str
    help: str
    metavar: str
    choices: tuple[str, ...]


class FlagsDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    flags: tuple[FlagDocument, ...]


class ProjectDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    name: str
    environment: str
    version: str
    hash: str
    as_of: dict[str, str]
    not_refreshed: dict[str, str]
    assets: int
    findings: int
    me: Me


class Node(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One box: an asset, or a collapsed group of `size` assets (kind `group`), its `members`. `x` is the rank, `y` the row in
    it. `tool` of a group: where all have the same."""

    id: str
    label: str
    kind: str
    type: str
    x: int
    y: float
    tool: str = ""
    group: str = ""
    owner: str = ""
    size: int = 1
    members: tuple[str, ...] = ()


class GraphDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The shown graph with coordinates; `edges` are pairs of positions in `nodes`. `groups`: all there are, with sizes."""

    format: int
    hash: str
    ranks: int
    rows: float
    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]
    groups: dict[str, int]


class SearchHit(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: str
    made_by: str
    column: str | None = None


class SearchDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    hits: tuple[SearchHit, ...]


class ColumnsDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    columns: tuple[ColumnNear, ...]


class CompletionsDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    words: tuple[Completion, ...]


class FindingDocument(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    message: str
    asset: str | None
    hint: str


class FindingsDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    findings: tuple[FindingDocument, ...]


class BarDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One step. Seconds from the run's start; `ended` None: it goes on. `waited`: seconds for each thing."""

    step: str
    items: int
    state: str
    ready: float
    begun: float
    ended: float | None
    attempts: int
    critical: bool
    after: str | None
    waited: dict[str, float]


class TimelineDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    seconds: float
    bars: tuple[BarDocument, ...]
    critical: tuple[str, ...]


class LogDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`text` from the asked offset; go on at `offset`. `missing` says why there is none."""

    format: int
    step: str
    attempt: int
    state: str
    offset: int
    text: str
    missing: str | None


class Materialization(msgspec.Struct, frozen=True, kw_only=True):
    run: int | None
    outcome: str
    ended_at: str
    seconds: float | None
    rows: int | None
    bytes: int | None


class HistoryDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    format: int
    name: str
    materializations: tuple[Materialization, ...]


class Started(msgspec.Struct, frozen=True, kw_only=True):
    """A run that was recorded, gone on with, or asked to stop: watch it under `/api/v1/runs/{run}`."""

    format: int
    run: int
    id: str
    state: str


class Told(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    message: str


class ScheduleDocument(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    run: str
    when: str
    next_at: str | None
    paused: str | None
    last: TickDocument | None


class DaemonDocument(msgspec.Struct, frozen=True, kw_only=True):
    host: str
    pid: int
    alive: bool
    saying: str
    started_at: str
    seen_at: str


class AutomationDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    environment: str
    paused: str | None
    schedules: tuple[ScheduleDocument, ...]
    ticks: tuple[TickDocument, ...]
    daemons: tuple[DaemonDocument, ...]
    gone: tuple[str, ...]
