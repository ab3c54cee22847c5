"""The documents of `penstock runs --json` as records, so that others can name their shape. Translation is in documents."""

from __future__ import annotations

import msgspec

from penstock.service.documents import FORMAT, dated, dated_record
from penstock.store import (
    AttemptRecord,
    EventRecord,
    ItemRecord,
    ReuseAudit,
    RunDetail,
    RunRecord,
    StepRecord,
)

__all__ = [
    "EventRecord",
    "RunDetail",
    "RunDocument",
    "RunRecord",
    "RunsDocument",
    "run_document",
    "runs_document",
]


class RunsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Printed with `dated`: what is named `..._at` is ISO 8601."""

    format: int
    runs: tuple[RunRecord, ...]


class RunDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One run with everything below it; printed with `dated`."""

    format: int
    run: RunRecord
    items: tuple[ItemRecord, ...]
    steps: tuple[StepRecord, ...]
    attempts: tuple[AttemptRecord, ...]
    reuse_audits: tuple[ReuseAudit, ...]


def runs_document(runs: list[RunRecord]) -> dict[str, object]:
    return {"format": FORMAT, "runs": dated(runs)}


def run_document(detail: RunDetail) -> dict[str, object]:
    return {"format": FORMAT, **dated_record(detail)}
