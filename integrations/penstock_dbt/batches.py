"""The batches of microbatch models while they are made, and what is left of them after a failure. Pure: records in, text out.

dbt makes only the newest batches of a model that exists: without the ranges that failed, a later try would leave a gap.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.integration import StepItem
from penstock_dbt.records import Batch, Batches

Ranges = tuple[tuple[str, str], ...]


class Remaining(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is left of a microbatch model: `failed` ranges (ISO 8601), or only dbt's `names` of them where no ranges are told."""

    failed: Ranges = ()
    names: tuple[str, ...] = ()


class BatchLedger:
    """Of one step."""

    def __init__(self) -> None:
        self._planned: dict[str, Batches] = {}
        self._made: dict[str, set[int]] = {}
        self._failed: dict[str, list[str]] = {}

    def planned(self, record: Batches) -> None:
        self._planned[record.id] = record
        self._made[record.id] = set()

    def ended(self, record: Batch) -> None:
        if record.ok:
            self._made.setdefault(record.id, set()).add(record.index)
        else:
            self._failed.setdefault(record.id, []).append(record.text)

    def remaining(self, unique_id: str, *, partly: bool) -> str | None:
        """What is left of a model that did not end well; "" for all of it, None where nothing is known. `partly`: dbt said so."""
        planned, made = self._planned.get(unique_id), self._made.get(unique_id, set())
        if planned is None:
            names = tuple(self._failed.get(unique_id, ()))
            return _encode(Remaining(names=names or ("some",))) if partly or (names and made) else None
        if planned.anew and not made:
            return ""
        left = tuple(one for number, one in enumerate(planned.ranges, 1) if number not in made)
        return _encode(Remaining(failed=left)) if left else ""


def remaining_of(items: Iterable[StepItem]) -> dict[str, Remaining]:
    """What is left of those items of a step that were made in part before."""
    return {item.id: msgspec.json.decode(item.remaining, type=Remaining) for item in items if item.remaining}


def _encode(remaining: Remaining) -> str:
    return msgspec.json.encode(remaining).decode()
