"""Task graphs of the stand-in: started by EXECUTE TASK, going on by time, cancelled task by task. Each start is counted."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Place = tuple[str, str, str]


@dataclass
class Behaviour:
    """How a task's runs go: `lag` is how long one waits before it executes; `word` is said instead of EXECUTING."""

    seconds: float = 0.2
    result: str = "SUCCEEDED"
    error: str | None = None
    lag: float = 0.0
    word: str = "EXECUTING"


@dataclass
class GraphRun:
    """A run of a graph. `cancelled` are tasks with the moment of their cancel."""

    place: Place
    group: str
    config: str | None
    by: str
    started: float
    cancelled: dict[str, float] = field(default_factory=dict)


class Tasks:
    """`started` counts runs by the root's name; `begins` is called when one begins."""

    def __init__(self, listed: Callable[[Place], list[dict[str, Any]]]) -> None:
        self._listed = listed
        self._lock = threading.Lock()
        self.behaviours: dict[str, Behaviour] = {}
        self.runs: list[GraphRun] = []
        self.started: Counter[str] = Counter()
        self.cancels: Counter[str] = Counter()
        self.begins: Callable[[GraphRun], None] | None = None

    def behaviour(self, name: str) -> Behaviour:
        return self.behaviours.setdefault(name, Behaviour())

    def start(self, place: Place, config: str | None = None, by: str = "EXECUTE TASK") -> GraphRun:
        with self._lock:
            run = GraphRun(place, f"{7000 + len(self.runs)}", config, by, time.time())
            self.runs.append(run)
            self.started[place[2]] += 1
        if self.begins is not None:
            self.begins(run)
        return run

    def cancel(self, place: Place) -> None:
        self.cancels[place[2]] += 1
        for run in self.runs:
            if run.place[:2] == place[:2]:
                run.cancelled.setdefault(place[2], time.time())

    def rows(self) -> list[dict[str, Any]]:
        """The history's rows as of now."""
        return [row for run in self.runs for row in self._of(run)]

    def _of(self, run: GraphRun) -> list[dict[str, Any]]:
        tasks = {row["name"]: row for row in self._listed(run.place)}
        ended: dict[str, float] = {}
        rows: list[dict[str, Any]] = []
        waiting = [run.place[2], *(name for name in tasks if name != run.place[2])]
        progress = True
        while progress:
            progress = False
            for name in list(waiting):
                before = [one.rpartition(".")[2] for one in json.loads(tasks[name]["predecessors"])]
                begun = (
                    run.started
                    if name == run.place[2]
                    else max((ended.get(p, 0.0) for p in before), default=0.0)
                )
                if name != run.place[2] and (
                    not before or not all(p in ended for p in before) or tasks[name]["state"] != "started"
                ):
                    continue
                waiting.remove(name)
                progress = True
                row, end = self._row(run, name, tasks[run.place[2]]["id"], begun)
                rows.append(row)
                if end is not None:
                    ended[name] = end
        return rows

    def _row(self, run: GraphRun, name: str, root: str, begun: float) -> tuple[dict[str, Any], float | None]:
        how, now = self.behaviour(name), time.time()
        executes, end = begun + how.lag, begun + how.lag + how.seconds
        state, error = how.result, how.error
        stopped = run.cancelled.get(name)
        if stopped is not None and stopped < end:
            end, state, error = stopped, "CANCELLED", None
        if now < end:
            state, error = ("SCHEDULED" if now < executes else how.word), None
        over = now >= end
        row = {
            "name": name, "database_name": run.place[0], "schema_name": run.place[1], "state": state,
            "query_id": f"q-{run.group}-{name}" if now >= executes else None,
            "scheduled_time": _moment(begun), "query_start_time": _moment(executes) if now >= executes else None,
            "completed_time": _moment(end) if over else None, "error_message": error,
            "graph_run_group_id": run.group, "attempt_number": 1, "scheduled_from": run.by,
            "config": run.config, "root_task_id": root,
        }  # fmt: skip
        return row, end if over and state == "SUCCEEDED" else None


def _moment(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC)
