"""Records of the API about promises, incidents, ticks to come, checks and the doctor. Shapes only; no I/O."""

from __future__ import annotations

from typing import Annotated

import msgspec

from penstock.assets import Finding
from penstock.integration import Diagnosis
from penstock.service.columnrecords import Coverage
from penstock.service.explore import KeyDocument
from penstock.web.schema import AssetQuery, Limit, Name


class PromiseDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`state`: ok, at risk, warn, fail, unknown. `chain` leads from the asset up to what its age comes from; `ready_at` is
    when newer data is expected, `deadline_at` when it is too old."""

    name: str
    key: KeyDocument
    state: str
    age_seconds: float | None
    timeless: bool
    as_of_at: str | None
    promised: str
    warn_seconds: float | None
    fail_seconds: float | None
    deadline_at: str | None
    ready_at: str | None
    chain: tuple[str, ...]
    why: str
    line: str


class FreshnessDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The worst first."""

    format: int
    environment: str
    promises: tuple[PromiseDocument, ...]


class PolicyField(msgspec.Struct, frozen=True, kw_only=True):
    """`line` of penstock.yml says so."""

    name: str
    value: object
    line: str


class PolicyDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    asset: str
    fields: tuple[PolicyField, ...]


class IncidentsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`open`: only those that are not over."""

    open: bool = False
    limit: Limit = 20


class IncidentDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One root cause. `closed_at` None: it goes on. `quiet`: nobody was told."""

    id: str
    kind: str
    cause: str
    severity: str
    title: str
    why: str
    affected: tuple[str, ...]
    exposures: int
    command: str
    channels: tuple[str, ...]
    quiet: bool
    opened_at: str
    closed_at: str | None
    muted_until_at: str | None
    muted_by: str | None


class UnsentDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A message in the outbox: it waits, or a channel did not take it (`trouble`)."""

    incident: str
    channel: str
    event: str
    tries: int
    trouble: str | None
    written_at: str


class IncidentsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The open ones first."""

    format: int
    incidents: tuple[IncidentDocument, ...]
    unsent: tuple[UnsentDocument, ...]


class MuteRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For so many seconds nothing more is told of it but its end; 0 lets it be told again."""

    seconds: Annotated[float, msgspec.Meta(ge=0, le=30 * 86_400)] = 14_400


class ChannelsRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Empty: all channels of penstock.yml."""

    channels: Annotated[tuple[Name, ...], msgspec.Meta(max_length=100)] = ()


class ChannelsTried(msgspec.Struct, frozen=True, kw_only=True):
    """By channel: None, or why the message was not sent."""

    format: int
    channels: dict[str, str | None]


class UpcomingQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Limit = 10


class UpcomingTick(msgspec.Struct, frozen=True, kw_only=True):
    """`due_at` is `at` with the schedule's jitter."""

    schedule: str
    at: str
    due_at: str
    run: str


class UpcomingDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    ticks: tuple[UpcomingTick, ...]


class ChecksQuery(AssetQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = 30


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    run: int | None
    outcome: str
    ended_at: str
    seconds: float | None
    failures: int | None
    message: str | None


class CheckHistory(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    name: str
    kind: str
    severity: str
    column: str | None
    results: tuple[CheckResult, ...]


class ChecksDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    name: str
    checks: tuple[CheckHistory, ...]


class DoctorDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`ok`: no line of `checks` is wrong; findings alone do not make it so."""

    format: int
    ok: bool
    checks: tuple[Diagnosis, ...]
    findings: tuple[Finding, ...]


class CoverageModel(msgspec.Struct, frozen=True, kw_only=True):
    asset: str
    followed: bool
    columns: int
    resolved: int
    ambiguous: int
    unresolved: int
    undeclared: int
    reads: tuple[tuple[str, str], ...]


class CoverageFinding(msgspec.Struct, frozen=True, kw_only=True):
    asset: str
    code: str
    message: str
    line: int | None
    column: int | None


class ExternalRelation(msgspec.Struct, frozen=True, kw_only=True):
    relation: str
    read_by: tuple[str, ...]


class CoverageDocument(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the project's columns is followed, and what is not."""

    format: int
    coverage: Coverage
    models: tuple[CoverageModel, ...]
    findings: tuple[CoverageFinding, ...]
    external: tuple[ExternalRelation, ...]
