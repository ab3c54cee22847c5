"""Rows of the store as records, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec
from sqlalchemy import Row

from penstock.assets import AssetKey, DataVersion, DataVersionKind, Relation, Severity, ToolRef, Window
from penstock.integration import ItemKind, Provenance, Usage
from penstock.store import leases
from penstock.store.payloads import decoded
from penstock.store.records import (
    AttemptRecord,
    AttemptState,
    CheckRecord,
    EventRecord,
    ItemRecord,
    ItemState,
    LeaseRecord,
    MaterializationRecord,
    OutsideRecord,
    RunRecord,
    RunState,
    StepRecord,
    StepState,
)

T = TypeVar("T")
_UNUSED = Usage()

_JSON = dict[str, object]  # columns that hold what another room has written


def structure(words: str | None, shape: type[T]) -> T | None:
    return None if words is None else msgspec.json.decode(words, type=shape)


def run_record(row: Row[object], holds: Mapping[str, LeaseRecord], now: float) -> RunRecord:
    state, owner = RunState(row.state), None
    lease = holds.get(row.id)
    if lease is not None and leases.held(lease, now):
        owner = lease.owner
    elif state in (RunState.RUNNING, RunState.STOPPING):
        state = RunState.INTERRUPTED
    return RunRecord(
        id=row.id,
        number=row.number,
        environment=row.environment,
        state=state,
        selection=row.selection,
        command=row.command,
        graph_hash=row.graph_hash,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        message=row.message,
        counts=structure(row.counts, dict[str, int]) or {},
        retry_of=row.retry_of,
        key=row.run_key,
        wanted=row.wanted,
        flags=structure(row.flags, dict[str, str]) or {},
        owner=owner,
    )


def item_record(row: Row[object]) -> ItemRecord:
    return ItemRecord(
        run=row.run_id,
        key=AssetKey.parse(row.item),
        ref=_ref(row.ref),
        kind=ItemKind(row.kind),
        name=row.name,
        resource_type=row.resource_type,
        environment=row.environment,
        decision=row.decision,
        reason=row.reason,
        code=row.code,
        unit=row.unit,
        state=ItemState(row.state),
        step=row.step,
        attempt=row.attempt,
        started_at=row.started_at,
        ended_at=row.ended_at,
        seconds=row.seconds,
        rows=row.rows,
        size_bytes=row.size_bytes,
        message=row.message,
        cause=row.cause,
        severity=Severity(row.severity),
        relation=structure(row.relation, Relation),
        window=window_of(row),
        provenance=structure(row.provenance, Provenance),
        usage=_usage(row),
    )


def window_of(row: Row[object]) -> Window | None:
    return None if row.window_start is None else Window(row.window_start, row.window_end)


def _usage(row: Row[object]) -> Usage | None:
    used = Usage(
        seconds=row.used_seconds,
        bytes=row.used_bytes,
        slots=row.used_slots,
        money=row.used_money,
        currency=row.used_currency,
    )
    return None if used == _UNUSED else used


def _kind(word: str | None) -> DataVersionKind:
    """A kind of a later penstock is unknown here: equal to nothing."""
    try:
        return DataVersionKind(word or DataVersionKind.UNKNOWN)
    except ValueError:
        return DataVersionKind.UNKNOWN


def _ref(words: str) -> ToolRef:
    integration, _, rest = words.partition("/")
    instance, _, identity = rest.partition(":")
    return ToolRef(integration, instance, identity)


def step_record(row: Row[object]) -> StepRecord:
    return StepRecord(
        run=row.run_id,
        id=row.id,
        environment=row.environment,
        integration=row.integration,
        instance=row.instance,
        kind=row.kind,
        batch=row.batch,
        state=StepState(row.state),
        items=structure(row.items, tuple[str, ...]) or (),
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        attempts=row.attempts,
        message=row.message,
        waited=structure(row.waited, dict[str, float]) or {},
    )


def attempt_record(row: Row[object]) -> AttemptRecord:
    return AttemptRecord(
        run=row.run_id,
        step=row.step,
        attempt=row.attempt,
        environment=row.environment,
        state=AttemptState(row.state),
        items=structure(row.items, tuple[str, ...]),
        intent_at=row.intent_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        external=structure(row.external, _JSON),
        intent=structure(row.intent, _JSON) or {},
        outcome=row.outcome,
        message=row.message,
        retryable=row.retryable,
        log=row.log,
        tail=structure(row.tail, tuple[str, ...]) or (),
        fence=row.fence,
    )


def event_record(row: Row[object]) -> EventRecord:
    return EventRecord(
        run=row.run_id,
        seq=row.seq,
        at=row.at,
        kind=row.kind,
        environment=row.environment,
        state=row.state,
        step=row.step,
        attempt=row.attempt,
        item=row.item,
        data=decoded(row.kind, row.data),
        position=row.position,
    )


def materialization_record(row: Row[object]) -> MaterializationRecord:
    version = None
    if row.data_version is not None:
        version = DataVersion(_kind(row.data_version_kind), row.data_version, row.data_version_at)
    return MaterializationRecord(
        run=row.run_id,
        step=row.step,
        attempt=row.attempt,
        environment=row.environment,
        asset=AssetKey.parse(row.asset),
        outcome=row.outcome,
        started_at=row.started_at,
        ended_at=row.ended_at,
        relation=structure(row.relation, Relation),
        seconds=row.seconds,
        rows=row.rows,
        size_bytes=row.size_bytes,
        columns=structure(row.columns, tuple[tuple[str, str], ...]),
        code_version=row.code_version,
        text_hash=row.text_hash,
        template_hash=row.template_hash,
        macro_hash=row.macro_hash,
        metadata_version=row.metadata_version,
        variables=structure(row.variables, dict[str, str]),
        sql_ref=row.sql_ref,
        materialized=row.materialized,
        mode=row.mode,
        tool_version=row.tool_version,
        adapter_version=row.adapter_version,
        data_version=version,
        inputs=structure(row.inputs, _JSON),
        column_hashes=structure(row.column_hashes, dict[str, str]),
        stable=row.stable,
        warehouse_token=row.warehouse_token,
        reuse_key=row.reuse_key,
        clone_of=row.clone_of,
        base_commit=row.base_commit,
        dirty=row.dirty,
        window=window_of(row),
        provenance=structure(row.provenance, Provenance),
        facts=structure(row.facts, _JSON) or {},
    )


def check_record(row: Row[object]) -> CheckRecord:
    return CheckRecord(
        run=row.run_id,
        step=row.step,
        attempt=row.attempt,
        environment=row.environment,
        check=AssetKey.parse(row.check_key),
        name=row.name,
        outcome=row.outcome,
        ended_at=row.ended_at,
        started_at=row.started_at,
        seconds=row.seconds,
        failures=row.failures,
        message=row.message,
        inputs=structure(row.inputs, _JSON),
        facts=structure(row.facts, _JSON) or {},
    )


def outside_record(row: Row[object]) -> OutsideRecord:
    return OutsideRecord(
        environment=row.environment,
        asset=AssetKey.parse(row.asset),
        at=row.at,
        status=row.status,
        by=row.made_by,
        rows=row.rows,
        message=row.message,
        seconds=row.seconds,
    )
