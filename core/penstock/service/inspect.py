"""What happened: runs, steps, logs, and each asset's last materialization. Reads the store; changes nothing but a wish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from penstock.assets import AssetKey, ObservedMaterialization, ToolRef
from penstock.errors import UsageError, nearest_names
from penstock.service.charged import charged
from penstock.service.explore import KeyDocument, iso
from penstock.service.history import reading_store
from penstock.service.ingesting import latest_outside
from penstock.service.observe import GraphView
from penstock.service.workspace import Workspace
from penstock.store import (
    AttemptRecord,
    CheckRecord,
    ItemRecord,
    MaterializationRecord,
    RunDetail,
    RunRecord,
    RunStore,
    UnknownRun,
)

if TYPE_CHECKING:
    from penstock.run.timeline import Timeline

__all__ = [
    "AssetState",
    "CheckState",
    "NoRuns",
    "StatusDocument",
    "UnknownRun",
    "cancel",
    "logs",
    "run_detail",
    "run_timeline",
    "runs",
    "status",
    "step_ids",
    "wait_for_end",
]

FORMAT = 1


class NoRuns(UsageError):
    """Nothing has run here yet."""

    def __init__(self) -> None:
        super().__init__("nothing has run here yet", hint="start with: penstock run")


class CheckState(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    outcome: str
    ended_at: str
    message: str | None
    flags: str = ""


class AssetState(msgspec.Struct, frozen=True, kw_only=True):
    """One asset as `penstock status` shows it. Times are ISO 8601, UTC.

    What is there now: `outcome`, `made_at`, `seconds`, `rows`, `run` and `by` are of the last time that it was made (`made_at`
    None: never, as far as is known). What was tried last, with or without success: `last_attempt`, `attempted_at`,
    `attempt_seconds`, `attempt_run`, `attempt_by`, `message`; `money` is what warehouses bill for the last try here, by currency.
    `flags`, and `attempt_flags` of the last try: those by which it makes other data than a plain run, in words.
    """

    name: str
    key: KeyDocument
    kind: str
    outcome: str | None
    made_at: str | None
    seconds: float | None
    rows: int | None
    run: str | None
    by: str | None
    checks: tuple[CheckState, ...]
    last_attempt: str | None
    attempted_at: str | None
    attempt_seconds: float | None
    attempt_run: str | None
    attempt_by: str | None
    message: str | None
    money: dict[str, float] = {}
    flags: str = ""
    attempt_flags: str = ""


class StatusDocument(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    environment: str
    assets: tuple[AssetState, ...]


def runs(workspace: Workspace, limit: int | None) -> list[RunRecord]:
    """Newest first; empty when nothing has run."""
    with reading_store(workspace) as store:
        return store.runs(limit=limit) if store else []


def run_detail(workspace: Workspace, name: str | None) -> RunDetail:
    """A run by what the user typed; the latest when None. Raises NoRuns, UnknownRun."""
    with _store(workspace) as store:
        detail = store.detail(_find(store, name).id)
        return msgspec.structs.replace(
            detail,
            items=tuple(charged(workspace, store, detail.items)),
            reuse_audits=store.reuse_audits_in(detail.run.id),
        )


def run_timeline(workspace: Workspace, detail: RunDetail) -> Timeline:
    """How that run spent its time."""
    from penstock.run import plan_of
    from penstock.run.timeline import timeline

    with _store(workspace) as store:
        return timeline(plan_of(store, detail.run.id), detail)


def _find(store: RunStore, name: str | None) -> RunRecord:
    if name is None and not store.runs(limit=1):
        raise NoRuns
    return store.find_run(name)


@contextmanager
def _store(workspace: Workspace) -> Iterator[RunStore]:
    with reading_store(workspace) as store:
        if store is None:
            raise NoRuns
        yield store


def cancel(workspace: Workspace, name: str | None) -> RunRecord:
    """Ask a run's coordinator to stop it. Raises UsageError when it has ended."""
    with _store(workspace) as store:
        run = _find(store, name)
        if run.state.ended:
            raise UsageError(f"run {run.number} has already ended: {run.state.value}")
        store.request(run.id, "cancel")
        return run


def wait_for_end(workspace: Workspace, run: str) -> Iterator[RunRecord]:
    """The run's record, as often as it is asked for, until it has ended."""
    with _store(workspace) as store:
        while True:
            record = store.run(run)
            yield record
            if record.state.ended or record.state.resumable:
                return


def logs(workspace: Workspace, name: str | None, step: str | None) -> Iterator[tuple[AttemptRecord, Path]]:
    """The log files of a run's attempts, oldest first; of one step when named. Raises UsageError for an unknown step."""
    detail = run_detail(workspace, name)
    ids = step_ids(detail, step) if step is not None else [record.id for record in detail.steps]
    for attempt in sorted(detail.attempts, key=lambda attempt: (attempt.intent_at, attempt.attempt)):
        if attempt.step in ids and attempt.log:
            yield attempt, workspace.project.state_dir / "runs" / attempt.log


def step_ids(detail: RunDetail, step: str) -> list[str]:
    """The steps of a run that a user means: by id, by the name of an item, or by a part of the id. Raises UsageError."""
    ids = [record.id for record in detail.steps]
    by_item = [item.step for item in detail.items if item.step and step in (item.name, item.ref.id)]
    found = [one for one in ids if one == step] or by_item or [one for one in ids if step in one]
    if not found:
        for item in detail.items:
            if item.name == step:
                why = item.message or item.reason
                raise UsageError(
                    f"{step} was never begun in run {detail.run.number}: {item.state.value}, {why}"
                )
        names = [item.name for item in detail.items if item.step]
        near = nearest_names(step, [*ids, *names])
        guess = f"; did you mean '{near[0]}'?" if near else ""
        raise UsageError(
            f"run {detail.run.number} has no step '{step}'{guess}", hint="steps: " + ", ".join(ids)
        )
    return found


def status(workspace: Workspace, seen: GraphView, keys: list[AssetKey]) -> StatusDocument:
    """Each asset's last materialization (made here or elsewhere), its checks and their age."""
    environment = workspace.project.environment
    with reading_store(workspace) as store:
        made = store.latest_materializations(environment) if store else {}
        checks = store.latest_checks(environment) if store else {}
        items = store.latest_items(environment) if store else {}
        if store:
            items = {item.key: item for item in charged(workspace, store, list(items.values()))}
        used = {one.run for some in (made, items, checks) for one in some.values()}
        numbers = store.run_numbers(used) if store else {}
        flags = store.run_flags(used) if store else {}
        outside = latest_outside(workspace, seen.graph, store)
    states = []
    for key in keys:
        results = [
            found
            for check in seen.graph.checks_of.get(key, ())
            if (
                found := _check(
                    checks.get(check.key), outside.get(check.key), check.name, _flags(flags, check.seen_by)
                )
            )
        ]
        asset = seen.graph.assets[key]
        given = _flags(flags, asset.producer)
        tried = _tried(items.get(key), made.get(key), outside.get(key), numbers, given)
        last = _made(made.get(key), outside.get(key), numbers, given)
        states.append(
            AssetState(
                name=seen.graph.names.shown(key),
                key=KeyDocument(key.namespace, key.name),
                kind=asset.kind.value,
                checks=tuple(results),
                **{**last, "rows": asset.rows if last["rows"] is None else last["rows"]},
                **tried,
                money=_money(items.get(key)),
            )
        )
    return StatusDocument(format=FORMAT, environment=environment, assets=tuple(states))


def _money(item: ItemRecord | None) -> dict[str, float]:
    """What the last try here cost, as far as it is told."""
    used = item.usage if item is not None else None
    return {} if used is None or used.money is None else {used.currency or "?": used.money}


def _flags(flags: Mapping[str, Mapping[str, str]], producer: ToolRef | None) -> dict[str, str]:
    """By run, those that its producer listens to."""
    name = f"{producer.integration}/{producer.instance}" if producer is not None else ""
    return {run: told[name] for run, told in flags.items() if name in told}


def _made(
    here: MaterializationRecord | None,
    other: ObservedMaterialization | None,
    numbers: Mapping[str, int],
    flags: Mapping[str, str],
) -> dict[str, Any]:
    """The last time that it was made, here or elsewhere."""
    if other is not None and other.status not in _NOT_GOOD and (here is None or here.ended_at < other.at):
        return {
            "outcome": other.status,
            "made_at": iso(other.at),
            "seconds": other.seconds,
            "rows": other.rows,
            "run": None,
            "by": other.by,
        }
    if here is None:
        return dict.fromkeys(("outcome", "made_at", "seconds", "rows", "run", "by"))
    elsewhere = here.provenance
    return {
        "outcome": here.outcome,
        "made_at": iso((elsewhere.ended_at if elsewhere else None) or here.ended_at),
        "seconds": here.seconds,
        "rows": here.rows,
        "run": str(numbers.get(here.run, here.run)),
        "by": elsewhere.maker if elsewhere else "penstock",
        "flags": "" if elsewhere else flags.get(here.run, ""),
    }


def _tried(
    item: ItemRecord | None,
    here: MaterializationRecord | None,
    other: ObservedMaterialization | None,
    numbers: Mapping[str, int],
    flags: Mapping[str, str],
) -> dict[str, Any]:
    """The last try, here or elsewhere, whatever came of it. A good one has something to say where values are not as their source
    has them."""
    if item is not None and (not item.state.ended or item.state.value == "left"):
        item = None
    if other is not None and (item is None or (item.ended_at or 0.0) < other.at):
        return {
            "last_attempt": other.status,
            "attempted_at": iso(other.at),
            "attempt_seconds": other.seconds,
            "attempt_run": None,
            "attempt_by": other.by,
            "message": other.message if other.status in _NOT_GOOD else None,
        }
    if item is None:
        return dict.fromkeys(
            ("last_attempt", "attempted_at", "attempt_seconds", "attempt_run", "attempt_by", "message")
        )
    told = item.state.value in _NOT_GOOD
    if here is not None and here.run == item.run:
        told = told or bool(here.facts.get("rows_changed"))
    return {
        "last_attempt": item.state.value,
        "attempted_at": iso(item.ended_at) if item.ended_at else None,
        "attempt_seconds": item.seconds,
        "attempt_run": str(numbers.get(item.run, item.run)),
        "attempt_by": "penstock",
        "attempt_flags": flags.get(item.run, ""),
        "message": (item.message or item.cause) if told else None,
    }


_NOT_GOOD = ("error", "fail", "partial", "skipped", "cancelled")


def _check(
    record: CheckRecord | None, other: ObservedMaterialization | None, name: str, flags: Mapping[str, str]
) -> CheckState | None:
    """The newer of a check's result here and outside."""
    if other is not None and (record is None or record.ended_at < other.at):
        return CheckState(name=name, outcome=other.status, ended_at=iso(other.at), message=other.message)
    if record is None:
        return None
    return CheckState(
        name=record.name,
        outcome=record.outcome,
        ended_at=iso(record.ended_at),
        message=record.message,
        flags=flags.get(record.run, ""),
    )
