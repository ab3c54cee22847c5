"""The document that `penstock freshness --json` prints: a documented, stable shape. Translation only."""

from __future__ import annotations

from math import inf

from penstock.service.automationpage import iso
from penstock.service.explore import KeyDocument
from penstock.service.freshness import Kept

FORMAT = 1


def freshness_document(environment: str, found: list[Kept]) -> dict[str, object]:
    return {"format": FORMAT, "environment": environment, "promises": [_promise(one) for one in found]}


def _promise(one: Kept) -> dict[str, object]:
    verdict = one.verdict
    return {
        "name": one.name,
        "key": KeyDocument(one.asset.namespace, one.asset.name),
        "state": verdict.state.value,
        "age_seconds": None if one.age is None or one.age == inf or verdict.as_of == inf else one.age,
        "timeless": verdict.as_of == inf,
        "as_of_at": _finite(verdict.as_of),
        "promised": one.fresh.text,
        "warn_seconds": one.fresh.warn,
        "fail_seconds": one.fresh.fail,
        "deadline_at": _finite(verdict.deadline),
        "ready_at": _finite(verdict.ready),
        "chain": list(one.names),
        "why": one.why,
        "line": one.fresh.line,
    }


def _finite(at: float | None) -> str | None:
    return None if at is None or at == inf else iso(at)
