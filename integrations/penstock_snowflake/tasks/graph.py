"""Rows of TASK_HISTORY folded into runs of a task graph. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from penstock.integration.jobs import RemoteRun, RunState

_ENDS = {
    "SUCCEEDED": RunState.SUCCEEDED,
    "FAILED": RunState.FAILED,
    "FAILED_AND_AUTO_SUSPENDED": RunState.FAILED,
    "CANCELLED": RunState.CANCELLED,
    "SKIPPED": RunState.SKIPPED,
}
_ALIVE = frozenset({"SCHEDULED", "EXECUTING"})
_GRACE = 120.0  # a child is scheduled within seconds after its predecessors have ended


class TaskGraph(msgspec.Struct, frozen=True, kw_only=True):
    """A root task. `predecessors` of every started task of its graph, by name: a graph lies in one schema."""

    database: str
    schema: str
    root: str
    id: str
    predecessors: dict[str, tuple[str, ...]]


class TaskRow(msgspec.Struct, frozen=True, kw_only=True):
    """A task's run. Times are epoch seconds by the server's clock; `now_at` is when it was asked. `config` as text."""

    name: str
    state: str
    scheduled_at: float
    now_at: float
    query_id: str | None = None
    group: str | None = None
    attempt: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    by: str | None = None
    error: str | None = None
    config: str | None = None

    @property
    def over(self) -> bool:
        return self.state in _ENDS


def groups_of(rows: Iterable[TaskRow]) -> dict[str, dict[str, TaskRow]]:
    """The rows of each run of the graph, by task. A graph that is tried again keeps its group: the last attempt counts."""
    found: dict[str, dict[str, TaskRow]] = {}
    for row in rows:
        group = found.setdefault(row.group or row.query_id or f"{row.scheduled_at}", {})
        before = group.get(row.name)
        if before is None or row.attempt >= before.attempt:
            group[row.name] = row
    return found


def begun(rows: Mapping[str, TaskRow]) -> bool:
    """Whether it is more than the schedule's next run, which waits for its time."""
    return any(row.state != "SCHEDULED" or row.scheduled_at <= row.now_at for row in rows.values())


def run_of(name: str, graph: TaskGraph, rows: Mapping[str, TaskRow]) -> RemoteRun:
    """The run of the whole graph: it goes on while a task does, or while one is to come."""
    told = list(rows.values())
    ends = [row.ended_at or row.scheduled_at for row in told]
    root = rows.get(graph.root, told[0])
    state, word, why = _state(graph, rows, max(ends))
    return RemoteRun(
        id=name,
        state=state,
        word=word,
        order=root.scheduled_at,
        understood=all(row.over or row.state in _ALIVE for row in told),
        why=why,
        retryable=True,
        started_at=root.started_at or root.scheduled_at,
        ended_at=None if state is RunState.RUNNING else max(ends),
        by=root.by.lower().replace("_", " ") if root.by else None,
    )


def _state(graph: TaskGraph, rows: Mapping[str, TaskRow], last: float) -> tuple[RunState, str, str]:
    going = [row for row in rows.values() if not row.over]
    if going:
        executing = [row.name for row in going if row.state != "SCHEDULED"]
        return RunState.RUNNING, going[0].state, ", ".join(sorted(executing))
    missing = _to_come(graph, rows)
    now = max(row.now_at for row in rows.values())
    for wanted in (RunState.FAILED, RunState.CANCELLED):
        ended = [row for row in rows.values() if _ENDS[row.state] is wanted]
        if ended:
            told = "; ".join(f"{row.name}: {row.error}" if row.error else row.name for row in ended)
            return wanted, ended[0].state, told
    if missing and now - last < _GRACE:
        return RunState.RUNNING, "SCHEDULED", ""
    if missing:
        return RunState.PARTLY, "SUCCEEDED", f"did not run: {', '.join(missing)}"
    root = rows.get(graph.root)
    if root is not None and root.state == "SKIPPED":
        return RunState.SKIPPED, root.state, root.error or "its condition does not hold"
    return RunState.SUCCEEDED, "SUCCEEDED", ""


def _to_come(graph: TaskGraph, rows: Mapping[str, TaskRow]) -> list[str]:
    """Tasks that are not there though all that they wait for has succeeded."""
    return [
        name
        for name, before in sorted(graph.predecessors.items())
        if name not in rows and all(one in rows and rows[one].state == "SUCCEEDED" for one in before)
    ]
