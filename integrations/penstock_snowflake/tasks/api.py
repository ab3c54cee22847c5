"""Starting, following and cancelling task graphs by SQL. EXECUTE TASK knows no token: a lost answer is looked up in the history.

The attempt's token travels as the statement's query tag, which tells whether it was executed, and in the configuration of the
run, which tells which run came of it.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

import msgspec

from penstock.errors import PenstockError
from penstock.integration import Connection, number_of, text_of, whole_of
from penstock.integration.jobs import ProblemKind, RemoteProblem, RemoteRun, Trigger
from penstock_snowflake.connect import NO_COLUMN, Session, SqlError, open_session, query_tag
from penstock_snowflake.naming import instant, literal, quoted
from penstock_snowflake.shows import Row
from penstock_snowflake.tasks.graph import TaskGraph, TaskRow, begun, groups_of, run_of
from penstock_snowflake.tasks.problems import problem_of

_KEPT = 7 * 86_400.0 - 3600  # how far back the history reaches
_SKEW = 600.0  # two clocks differ by no more
_MOST = 10_000
_UNSEEN = 300.0  # a run that was accepted is in the history by then
_KEY = "penstock"


class TasksApi:
    """Implements `penstock.integration.jobs.RemoteJobs`: a job is a TaskGraph as JSON. One session, opened when it is needed.

    A run is named by the group of its graph; one of ours by its key and when it was started at the earliest.
    """

    tool = "Snowflake"
    once = False

    def __init__(self, connection: Connection, doubt: float, clock: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._doubt = doubt
        self._clock = clock
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._has_config = True

    def active(self, job: str) -> list[RemoteRun]:
        return [run for run in self._runs(job) if run.ended_at is None]

    def completed(self, job: str) -> list[RemoteRun]:
        return [run for run in self._runs(job) if run.ended_at is not None]

    def earlier(self, trigger: Trigger) -> str | None:
        """Whether the statement was executed, by its tag. One that was sent a moment ago may still be on its way."""
        graph = msgspec.json.decode(trigger.job, type=TaskGraph)
        asked_at = self._clock()  # a history that took long to read is as old as its question
        sent = self._sent(graph, _key(trigger), trigger.first_at)
        if sent is None and asked_at - trigger.last_at < self._doubt:
            raise RemoteProblem(ProblemKind.SERVER, "it is not known yet whether the task was started")
        if sent is None or sent[0].startswith(("FAIL", "INCIDENT")):
            return None
        if sent[0] != "SUCCESS":
            raise RemoteProblem(ProblemKind.SERVER, f"the statement that starts the task is {sent[0]}")
        return _named(trigger)

    def start(self, trigger: Trigger) -> str:
        graph = msgspec.json.decode(trigger.job, type=TaskGraph)
        config = json.dumps({**trigger.parameters, _KEY: _key(trigger)})
        name = quoted(graph.database, graph.schema, graph.root)
        self._rows(f"EXECUTE TASK {name} USING CONFIG = {literal(config)}", _key(trigger))
        return _named(trigger)

    def run(self, job: str, run: str) -> RemoteRun:
        graph = msgspec.json.decode(job, type=TaskGraph)
        group, rows = self._of(graph, run)
        if rows:
            return run_of(group, graph, rows)
        if time.time() - _since(run) > _UNSEEN:
            raise RemoteProblem(
                ProblemKind.NOT_FOUND, f"Snowflake shows no run of {graph.root} that came of this start"
            )
        return run_of(run, graph, {graph.root: _not_there_yet(graph.root)})

    def cancel(self, job: str, run: str) -> None:
        """Task by task: Snowflake cancels no graph as a whole."""
        graph = msgspec.json.decode(job, type=TaskGraph)
        for row in self._of(graph, run)[1].values():
            if not row.over:
                name = literal(quoted(graph.database, graph.schema, row.name))
                self._rows(f"SELECT SYSTEM$USER_TASK_CANCEL_ONGOING_EXECUTIONS({name}) AS asked")

    def close(self) -> None:
        with self._lock:
            self._drop()

    # ------------------------------------------------------------ the history

    def _runs(self, job: str) -> list[RemoteRun]:
        graph = msgspec.json.decode(job, type=TaskGraph)
        groups = groups_of(self._history(graph, time.time() - _KEPT))
        return [run_of(name, graph, rows) for name, rows in groups.items() if begun(rows)]

    def _of(self, graph: TaskGraph, run: str) -> tuple[str, dict[str, TaskRow]]:
        """Snowflake's own name of that run, and its rows so far."""
        key, _, since = run.partition("@")
        groups = groups_of(self._history(graph, _since(run) - _SKEW))
        if not since:
            return key, groups.get(key, {})
        for name, rows in groups.items():
            if any(_token(row.config) == key for row in rows.values()):
                return name, rows
        return ("", {}) if self._has_config else self._first_after(graph, groups, key, float(since))

    def _first_after(
        self, graph: TaskGraph, groups: dict[str, dict[str, TaskRow]], token: str, since: float
    ) -> tuple[str, dict[str, TaskRow]]:
        """Where the history tells no configuration: the first run by hand since our statement, by the server's own clock."""
        sent = self._sent(graph, token, since)
        by_hand = [
            (root.scheduled_at, name)
            for name, rows in groups.items()
            if (root := rows.get(graph.root)) is not None
            and (root.by or "").upper().startswith("EXECUTE")
            and sent is not None
            and root.scheduled_at >= sent[1] - 1
        ]
        _, first = min(by_hand, default=(0.0, ""))
        return first, groups.get(first, {})

    def _history(self, graph: TaskGraph, since: float) -> list[TaskRow]:
        begin = instant(max(since, time.time() - _KEPT))
        source = (
            f"TABLE({quoted(graph.database)}.INFORMATION_SCHEMA.TASK_HISTORY("
            f"SCHEDULED_TIME_RANGE_START => {begin}, RESULT_LIMIT => {_MOST},"
            f" ROOT_TASK_ID => {literal(graph.id)}))"
        )
        try:
            return self._asked(source, "config" if self._has_config else "NULL")
        except SqlError as error:
            if error.code != NO_COLUMN or not self._has_config:
                raise
            self._has_config = False
            return self._asked(source, "NULL")

    def _asked(self, source: str, config: str) -> list[TaskRow]:
        rows = self._rows(
            f"SELECT name, state, query_id, graph_run_group_id AS run_group, attempt_number AS attempt,"
            f" scheduled_from AS started_by, error_message AS error, {config} AS run_config,"
            " DATE_PART(EPOCH_SECOND, scheduled_time) AS scheduled_at, DATE_PART(EPOCH_SECOND, query_start_time) AS started_at,"
            " DATE_PART(EPOCH_SECOND, completed_time) AS ended_at, DATE_PART(EPOCH_SECOND, CURRENT_TIMESTAMP()) AS now_at"
            f" FROM {source} ORDER BY scheduled_time"
        )
        return [_row(row) for row in rows]

    def _sent(self, graph: TaskGraph, token: str, since: float) -> tuple[str, float] | None:
        """How the statement with this tag stands, and when it began; None when there is none."""
        rows = self._rows(
            "SELECT execution_status AS status, DATE_PART(EPOCH_SECOND, start_time) AS started_at"
            f" FROM TABLE({quoted(graph.database)}.INFORMATION_SCHEMA.QUERY_HISTORY_BY_USER("
            f"END_TIME_RANGE_START => {instant(max(since - _SKEW, time.time() - _KEPT))}, RESULT_LIMIT => {_MOST}))"
            f" WHERE query_tag = {literal(query_tag(token))} ORDER BY start_time"
        )
        good = [row for row in rows if str(row["status"]).upper() == "SUCCESS"] or rows
        return (str(good[0]["status"]).upper(), number_of(good[0], "started_at") or 0.0) if good else None

    # ------------------------------------------------------------ the session

    def _rows(self, sql: str, tag: str | None = None) -> list[Row]:
        with self._lock:
            try:
                if self._session is None:
                    self._session = open_session(self._connection, "jobs")
                return self._session.rows(sql, tag=tag)
            except SqlError as error:
                if error.code == NO_COLUMN:
                    raise
                raise self._told(error) from None
            except PenstockError as error:
                raise self._told(error) from None

    def _told(self, error: PenstockError) -> RemoteProblem:
        problem = problem_of(error)
        if problem.passing or problem.kind is ProblemKind.UNAUTHORIZED:
            self._drop()
        return problem

    def _drop(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None


def _key(trigger: Trigger) -> str:
    """Short enough to be shown."""
    return trigger.token[:16]


def _named(trigger: Trigger) -> str:
    return f"{_key(trigger)}@{trigger.first_at:.0f}"


def _since(run: str) -> float:
    """When a run of ours was started at the earliest; 0 for one of somebody else."""
    return float(run.partition("@")[2] or 0.0)


def _token(config: str | None) -> str | None:
    try:
        told = json.loads(config or "{}")
    except ValueError:
        return None
    return told.get(_KEY) if isinstance(told, dict) else None


def _row(told: Row) -> TaskRow:
    return TaskRow(
        name=str(told["name"]),
        state=str(told["state"]).upper(),
        scheduled_at=number_of(told, "scheduled_at") or 0.0,
        now_at=number_of(told, "now_at") or 0.0,
        query_id=text_of(told, "query_id"),
        group=text_of(told, "run_group"),
        attempt=whole_of(told, "attempt") or 0,
        started_at=number_of(told, "started_at"),
        ended_at=number_of(told, "ended_at"),
        by=text_of(told, "started_by"),
        error=text_of(told, "error"),
        config=text_of(told, "run_config"),
    )


def _not_there_yet(root: str) -> TaskRow:
    now = time.time()
    return TaskRow(name=root, state="SCHEDULED", scheduled_at=now, now_at=now)
