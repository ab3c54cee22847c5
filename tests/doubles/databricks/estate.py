"""What the stand-in workspace holds: tables of Unity Catalog, jobs and their runs. Records; time makes runs go on and end."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


def table(name: str, columns: dict[str, str] | None = None, **words: Any) -> dict[str, Any]:
    """A table `catalog.schema.name` as the API lists it; `words` are more of its fields."""
    catalog, schema, identifier = name.split(".", 2)
    listed = [
        {"name": column, "type_text": kind, "type_name": kind.upper(), "position": at, "nullable": True}
        for at, (column, kind) in enumerate((columns or {"id": "bigint"}).items())
    ]
    return {
        "name": identifier,
        "catalog_name": catalog,
        "schema_name": schema,
        "full_name": name,
        "table_id": f"id-of-{name}",
        "table_type": "MANAGED",
        "data_source_format": "DELTA",
        "columns": listed,
        "owner": "loader",
        "updated_at": 1_700_000_000_000,
        **words,
    }


@dataclass(slots=True, kw_only=True)
class JobRecord:
    """A job whose runs take `seconds` and then end as `result`."""

    job_id: int
    name: str
    seconds: float = 0.2
    result: str = "SUCCESS"
    code: str = ""
    cancel_seconds: float = 0.05
    max_concurrent_runs: int = 1
    queue: bool = False
    state: str = ""  # said instead of RUNNING while it runs

    def document(self) -> dict[str, Any]:
        return {
            "job_id": self.job_id,
            "creator_user_name": "owner",
            "created_time": 1_700_000_000_000,
            "settings": {"name": self.name, "max_concurrent_runs": self.max_concurrent_runs},
        }


@dataclass(slots=True, kw_only=True)
class RunRecord:
    """A run. It ends by time, or when it was cancelled (`cancelled_at`), or was skipped at once."""

    run_id: int
    job: JobRecord
    started: float
    token: str | None
    parameters: dict[str, str]
    by: str
    cancelled_at: float | None = None
    skipped: bool = False

    def ends(self) -> float:
        if self.skipped:
            return self.started
        natural = self.started + self.job.seconds
        if self.cancelled_at is not None:
            return min(natural, self.cancelled_at + self.job.cancel_seconds)
        return natural

    def over(self, now: float) -> bool:
        return now >= self.ends()

    def document(self, now: float) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "job_id": self.job.job_id,
            "trigger": "PERIODIC" if self.by == "schedule" else "ONE_TIME",
            "start_time": int(self.started * 1000),
            "end_time": int(self.ends() * 1000) if self.over(now) else 0,
            "run_page_url": f"https://example.test/#job/{self.job.job_id}/run/{self.run_id}",
            **self._state(now),
        }

    def _state(self, now: float) -> dict[str, Any]:
        if not self.over(now):
            word = "TERMINATING" if self.cancelled_at is not None else self.job.state or "RUNNING"
            return {
                "state": {"life_cycle_state": word, "state_message": ""},
                "status": {"state": word},
            }
        if self.skipped:
            result, code, life = "MAXIMUM_CONCURRENT_RUNS_REACHED", "MAX_CONCURRENT_RUNS_EXCEEDED", "SKIPPED"
        elif self.cancelled_at is not None and self.cancelled_at < self.started + self.job.seconds:
            result, code, life = "CANCELED", "USER_CANCELED", "TERMINATED"
        else:
            result, life = self.job.result, "TERMINATED"
            code = self.job.code or ("SUCCESS" if result == "SUCCESS" else "RUN_EXECUTION_ERROR")
        return {
            "state": {"life_cycle_state": life, "result_state": result, "state_message": ""},
            "status": {
                "state": "TERMINATED",
                "termination_details": {
                    "code": code,
                    "type": "SUCCESS" if code == "SUCCESS" else "CLIENT_ERROR",
                },
            },
        }


@dataclass(slots=True)
class Estate:
    """The whole workspace. `denied` are schemas (`catalog.schema`) that answer 403, `page` is how many rows a page has,
    `history` the log of each Delta table, oldest first: (version, time, operation); `started` is called when a run begins."""

    tables: list[dict[str, Any]] = field(default_factory=list)
    jobs: list[JobRecord] = field(default_factory=list)
    runs: list[RunRecord] = field(default_factory=list)
    denied: set[str] = field(default_factory=set)
    history: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    started: Callable[[RunRecord], None] | None = None
    page: int = 50
    empty_pages: bool = False
    warehouse_state: str = "RUNNING"
    ids: Any = field(default_factory=lambda: itertools.count(1001))

    def job(self, identity: int) -> JobRecord | None:
        return next((job for job in self.jobs if job.job_id == identity), None)

    def run(self, identity: int) -> RunRecord | None:
        return next((run for run in self.runs if run.run_id == identity), None)

    def active(self, job: JobRecord) -> list[RunRecord]:
        now = time.time()
        return [run for run in self.runs if run.job is job and not run.over(now)]

    def start(
        self,
        job: JobRecord,
        *,
        token: str | None = None,
        parameters: dict[str, str] | None = None,
        by: str = "api",
    ) -> RunRecord:
        """A new run; skipped at once where as many run as may."""
        full = len(self.active(job)) >= job.max_concurrent_runs
        run = RunRecord(
            run_id=next(self.ids),
            job=job,
            started=time.time(),
            token=token,
            parameters=parameters or {},
            by=by,
            skipped=full,
        )
        self.runs.append(run)
        if self.started is not None:
            self.started(run)
        return run
