"""The documents that `--json` prints for plans, runs and status: documented, stable shapes. Records and translation only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec

from penstock.integration import Beside
from penstock.plan import Plan, PlanItem
from penstock.service.explore import KeyDocument, SightingDocument

if TYPE_CHECKING:
    from penstock.run import RunResult

FORMAT = 1


class PlanItemDocument(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    key: KeyDocument
    kind: str
    resource_type: str
    decision: str
    code: str
    reason: str
    by: SightingDocument
    waits_for: tuple[str, ...]


class PlanDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    environment: str
    graph: str
    selection: str
    items: tuple[PlanItemDocument, ...]
    notes: tuple[str, ...]


def plan_document(plan: Plan) -> PlanDocument:
    names = {item.key: item.name for item in plan.items}
    return PlanDocument(
        format=FORMAT,
        environment=plan.environment,
        graph=plan.graph_hash,
        selection=plan.selection,
        items=tuple(
            PlanItemDocument(
                name=item.name,
                key=KeyDocument(item.key.namespace, item.key.name),
                kind=item.kind.value,
                resource_type=item.resource_type,
                decision=item.decision.value,
                code=item.code,
                reason=item.reason,
                by=by(item),
                waits_for=tuple(names[key] for key in item.depends_on),
            )
            for item in plan.items
        ),
        notes=plan.notes,
    )


def by(item: PlanItem) -> SightingDocument:
    return SightingDocument(item.ref.integration, item.ref.instance, item.ref.id)


class ItemResultDocument(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    key: KeyDocument
    kind: str
    state: str
    seconds: float | None
    rows: int | None
    message: str | None
    cause: str | None


class RunResultDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What `penstock run --json` prints at the end. `exit_code` is that of the command; `beside`: what went wrong and is no item (hooks)."""

    format: int
    run: int
    id: str
    state: str
    exit_code: int
    seconds: float
    counts: dict[str, int]
    items: tuple[ItemResultDocument, ...]
    beside: tuple[Beside, ...] = ()


def result_document(result: RunResult) -> RunResultDocument:
    return RunResultDocument(
        format=FORMAT,
        run=result.number,
        id=result.run,
        state=result.state.value,
        exit_code=result.exit_code,
        seconds=round(result.seconds, 3),
        counts=result.counts,
        items=tuple(
            ItemResultDocument(
                name=item.item.name,
                key=KeyDocument(item.item.key.namespace, item.item.key.name),
                kind=item.item.kind.value,
                state=item.state.value,
                seconds=item.seconds,
                rows=item.rows,
                message=item.message,
                cause=item.cause,
            )
            for item in result.items
        ),
        beside=result.beside,
    )


def dated(records: Sequence[msgspec.Struct]) -> list[dict[str, object]]:
    return [dated_record(record) for record in records]


def dated_record(record: msgspec.Struct) -> dict[str, object]:
    """A store record for JSON: what is named `..._at` as ISO 8601 in UTC, to the millisecond."""
    return _dated_fields(msgspec.to_builtins(record))


def _dated_fields(value: dict[str, object]) -> dict[str, object]:
    return {name: _time(one) if name.endswith("_at") else _dated(one) for name, one in value.items()}


def _dated(value: object) -> object:
    if isinstance(value, dict):
        return _dated_fields(value)
    return [_dated(one) for one in value] if isinstance(value, list | tuple) else value


def _time(at: object) -> object:
    if not isinstance(at, int | float):
        return at
    moment = datetime.fromtimestamp(at, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
