"""Reading runs: the list, one run, how it spent its time, its logs, and what was made of one asset."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import msgspec

from penstock.assets import AssetKey
from penstock.errors import UsageError
from penstock.service import inspect
from penstock.service.inspect import NoRuns, UnknownRun
from penstock.service.listing import Narrowed, counted_runs, found_runs, narrowed
from penstock.service.narrowing import item_apart
from penstock.service.people import NotAllowed, Right
from penstock.service.rundocuments import (
    RunDetail,
    RunDocument,
    RunRecord,
    RunsDocument,
    run_document,
    runs_document,
)
from penstock.web import schema
from penstock.web.answers import Stands
from penstock.web.paging import after, link
from penstock.web.routes import Answer, Call, Route
from penstock.web.visible import visible_key

FORMAT = 1
_AT_ONCE = 262_144  # bytes of a log in one answer


def runs(call: Call) -> Answer:
    asked = call.asked(schema.RunsQuery)
    keys = _touched(call, asked.select)
    wanted = _narrowed(asked)
    try:
        with call.serving.store() as store:
            some = found_runs(
                store,
                call.view.environment,
                wanted,
                states=tuple(part.strip() for part in asked.state.split(",") if part.strip()),
                before=after(asked.cursor) or None,
                limit=asked.limit + 1,
                keys=keys,
            )
            found = [] if _untold(call, asked) else list(islice(some, asked.limit + 1))
    except NoRuns:
        found = []
    if call.view.visible is not None:
        found = [_hidden(run) for run in found]
    page = found[: asked.limit]
    more = link("/api/v1/runs", asked, page[-1].number) if len(found) > asked.limit else {}
    return Answer(body=runs_document(page), headers=more)


def counts(call: Call) -> schema.RunCountsDocument:
    asked = call.asked(schema.RunsNarrowed)
    keys = _touched(call, asked.select)
    wanted = _narrowed(asked)
    try:
        with call.serving.store() as store:
            found = {} if _untold(call, asked) else counted_runs(store, call.view.environment, wanted, keys)
    except NoRuns:
        found = {}
    return schema.RunCountsDocument(format=FORMAT, states=found)


def _narrowed(asked: schema.RunsNarrowed) -> Narrowed:
    since, until = (None if at is None else at.timestamp() for at in (asked.since, asked.until))
    return narrowed(by=asked.by, trigger=asked.trigger, since=since, until=until)


def _untold(call: Call, asked: schema.RunsNarrowed) -> bool:
    """Who or what began a hidden run is hidden too: asking for it finds nothing, and reads nothing."""
    return call.view.visible is not None and bool(asked.by or asked.trigger)


def _touched(call: Call, select: str) -> frozenset[AssetKey] | None:
    """What a run must have been to make or to check for being shown; None: whatever."""
    visible, chosen = call.view.visible, call.view.chosen(select, "")
    if chosen is None or (visible is not None and not select.strip()):
        return visible
    checks = call.serving.seen().graph.checks.values()
    seen = (one for one in checks if not chosen.isdisjoint(one.assets) and call.view.sees(one.key, visible))
    return chosen.union(one.key for one in seen)


def _hidden(run: RunRecord) -> RunRecord:
    """For one who sees a part only: counts and messages would tell of the rest."""
    return msgspec.structs.replace(run, counts={}, message=None, selection="", command="", key=None)


def detail_of(call: Call, name: str) -> RunDetail:
    """A run of this environment with the items that may be seen. Raises UnknownRun."""
    visible = call.view.visible
    with call.serving.store() as store:
        record = store.find_run(name)
        if record.environment != call.view.environment:
            raise UnknownRun(name)
        detail = store.detail(record.id)
    if visible is None:
        return detail
    items = tuple(item_apart(item) for item in detail.items if call.view.sees(item.key, visible))
    if not any(item.decision != "skip" for item in items):
        raise UnknownRun(name)
    keys = {str(item.key) for item in items}
    steps = tuple(
        msgspec.structs.replace(step, items=tuple(one for one in step.items if one in keys))
        for step in detail.steps
        if keys.issuperset(step.items)
    )
    ids = {step.id for step in steps}
    attempts = tuple(one for one in detail.attempts if one.step in ids)
    return msgspec.structs.replace(
        detail,
        run=_hidden(detail.run),
        items=items,
        steps=steps,
        attempts=attempts,
        reuse_audits=tuple(one for one in detail.reuse_audits if str(one.asset) in keys),
    )


def run(call: Call) -> Answer:
    detail = detail_of(call, call.place["run"])
    if not _sees_data(call, (item.key for item in detail.items)):
        attempts = tuple(msgspec.structs.replace(one, tail=()) for one in detail.attempts)
        detail = msgspec.structs.replace(detail, attempts=attempts)
    return Answer(body=run_document(detail))


def _sees_data(call: Call, keys: Iterable[AssetKey]) -> bool:
    reached = call.view.reach(Right.SEE_DATA)
    return reached is None or all(call.view.sees(key, reached) for key in keys)


def timeline(call: Call) -> schema.TimelineDocument:
    detail = detail_of(call, call.place["run"])
    found = inspect.run_timeline(call.serving.workspace, detail)
    bars = tuple(
        schema.BarDocument(
            step=bar.step, items=bar.items, state=bar.state, ready=bar.ready, begun=bar.begun, ended=bar.ended,
            attempts=bar.attempts, critical=bar.critical, after=bar.after, waited=bar.waited,
        )
        for bar in found.bars
    )  # fmt: skip
    return schema.TimelineDocument(format=FORMAT, seconds=found.seconds, bars=bars, critical=found.critical)


def log(call: Call) -> schema.LogDocument:
    """The path comes from the store, and must lie in the folder of runs."""
    asked = call.asked(schema.LogQuery)
    detail = detail_of(call, call.place["run"])
    attempts = [one for one in detail.attempts if one.step == asked.step]
    if asked.attempt is not None:
        attempts = [one for one in attempts if one.attempt == asked.attempt]
    if not attempts:
        raise UsageError(f"run {detail.run.number} has no such step or attempt that has begun")
    attempt = max(attempts, key=lambda one: one.attempt)
    of_step = next((step.items for step in detail.steps if step.id == attempt.step), ())
    if not _sees_data(call, map(AssetKey.parse, of_step)):
        raise NotAllowed("logs may hold data and SQL: they need the right see_data")
    text, end, missing = _read(call, attempt.log, asked.offset)
    return schema.LogDocument(
        format=FORMAT, step=attempt.step, attempt=attempt.attempt, state=attempt.state.value,
        offset=end, text=text, missing=missing,
    )  # fmt: skip


def _read(call: Call, log: str | None, offset: int) -> tuple[str, int, str | None]:
    if log is None:
        return "", 0, "it wrote no log"
    folder = (call.serving.workspace.project.state_dir / "runs").resolve()
    path = Path(folder, log).resolve()
    if not path.is_relative_to(folder):
        return "", 0, "its log does not lie in the folder of runs"
    if not path.is_file():
        return "", 0, "its log is not on this machine, or was removed"
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(_AT_ONCE)
    whole = data if len(data) < _AT_ONCE else data[: data.rfind(b"\n") + 1] or data
    return whole.decode("utf-8", errors="replace"), offset + len(whole), None


def history(call: Call) -> schema.HistoryDocument:
    from penstock.service.explore import iso

    asked = call.asked(schema.HistoryQuery)
    key = visible_key(call, asked.name)
    environment = call.view.environment
    try:
        with call.serving.store() as store:
            made = store.materializations_of(environment, key, limit=asked.limit)
            numbers = store.run_numbers([one.run for one in made])
    except NoRuns:
        made, numbers = [], {}
    return schema.HistoryDocument(
        format=FORMAT,
        name=call.serving.seen().graph.names.shown(key),
        materializations=tuple(
            schema.Materialization(
                run=numbers.get(one.run), outcome=one.outcome, ended_at=iso(one.ended_at), seconds=one.seconds,
                rows=one.rows, bytes=one.size_bytes,
            )
            for one in made
        ),
    )  # fmt: skip


ROUTES = (
    Route(method="GET", path="/api/v1/runs", name="runs", about="Runs, newest first.", right=Right.VIEW, handle=runs,
          query=schema.RunsQuery, answer=RunsDocument, dated=True, stands=Stands.HAPPENED, command="runs"),
    Route(method="GET", path="/api/v1/runcounts", name="run_counts", about="How many runs there are, by state.", right=Right.VIEW,
          handle=counts, query=schema.RunsNarrowed, answer=schema.RunCountsDocument, stands=Stands.HAPPENED),
    Route(method="GET", path="/api/v1/runs/{run}", name="run", about="One run with its items, steps and attempts.",
          right=Right.VIEW, handle=run, answer=RunDocument, dated=True, command="runs RUN"),
    Route(method="GET", path="/api/v1/runs/{run}/timeline", name="timeline", about="How a run spent its time.",
          right=Right.VIEW, handle=timeline, answer=schema.TimelineDocument),
    Route(method="GET", path="/api/v1/runs/{run}/log", name="log", about="The log of one step, from a byte on.",
          right=Right.SEE_DATA, handle=log, query=schema.LogQuery, answer=schema.LogDocument),
    Route(method="GET", path="/api/v1/history", name="history", about="How often an asset was made, newest first.",
          right=Right.VIEW, handle=history, query=schema.HistoryQuery, answer=schema.HistoryDocument),
)  # fmt: skip
