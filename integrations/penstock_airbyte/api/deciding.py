"""What to do about a connection before its sync is triggered: reuse, adopt, wait, trigger, or refuse. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from penstock_airbyte.api.jobs import SYNC, Satisfied, newest_first, running_of, satisfying
from penstock_airbyte.api.payload import SyncPayload
from penstock_manifests.airbyte.api import ApiConnection, ApiJob

_ACTIVE = "active"
_REASONS = {
    "inactive": "is switched off in Airbyte",
    "locked": "is locked in Airbyte",
    "deprecated": "was deleted in Airbyte",
}


class Action(StrEnum):
    REUSE = "reuse"
    ADOPT = "adopt"
    WAIT = "wait"  # something else runs on the connection: a clear, a reset, a sync that is not to be adopted
    TRIGGER = "trigger"
    REFUSE = "refuse"


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """`job` is what is adopted or waited for; `message` the reason to refuse, a sentence."""

    action: Action
    job: ApiJob | None = None
    satisfied: Satisfied | None = None
    message: str = ""
    hint: str | None = None


def decide(payload: SyncPayload, connection: ApiConnection, jobs: Iterable[ApiJob], now: float) -> Decision:
    """In this order: a fresh sync serves; what runs is adopted or waited for; else one is started where that is permitted."""
    listed = newest_first(jobs)
    satisfied = satisfying(connection, listed, payload.max_age, now, payload.changed)
    if satisfied is not None:
        return Decision(action=Action.REUSE, satisfied=satisfied)
    running = running_of(listed)
    if running is not None:
        adopted = running.kind == SYNC and payload.adopt
        return Decision(action=Action.ADOPT if adopted else Action.WAIT, job=running)
    if connection.status != _ACTIVE:
        return _inactive(payload, connection)
    if not payload.may_start:
        return Decision(
            action=Action.REFUSE,
            message=f"no sync of '{payload.name}' is recent enough, and starting one is not permitted here",
            hint="start it in Airbyte, or permit it: `sync: always` in this environment's airbyte settings",
        )
    return Decision(action=Action.TRIGGER)


def _inactive(payload: SyncPayload, connection: ApiConnection) -> Decision:
    words = _REASONS.get(connection.status, f"has the status '{connection.status}' in Airbyte")
    reason = f": {connection.status_reason}" if connection.status_reason else ""
    return Decision(
        action=Action.REFUSE,
        message=f"the connection '{payload.name}' {words}{reason}; no sync was started",
        hint="enable it in Airbyte, or leave it out: airbyte.<instance>.connections.exclude",
    )
