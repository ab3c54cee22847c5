"""The five calls of the jobs API that are used, and a run as it says of itself. Words that are not known are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from penstock.integration.jobs import ProblemKind, RemoteProblem, RemoteRun, RunState, Trigger
from penstock_databricks.client import Client

T = TypeVar("T")

_ROOT = "/api/2.2/jobs"
_ALIVE = frozenset({"QUEUED", "PENDING", "RUNNING", "TERMINATING", "BLOCKED", "WAITING_FOR_RETRY", "WAITING"})
_OVER = frozenset({"TERMINATED", "SKIPPED", "INTERNAL_ERROR"})
_ENDS = {
    "SUCCESS": RunState.SUCCEEDED,
    "SUCCESS_WITH_FAILURES": RunState.PARTLY,
    "CANCELED": RunState.CANCELLED,
    "MAXIMUM_CONCURRENT_RUNS_REACHED": RunState.SKIPPED,
}


class _State(msgspec.Struct, frozen=True):
    life_cycle_state: str = ""
    result_state: str | None = None
    state_message: str | None = None


class _Details(msgspec.Struct, frozen=True):
    code: str = ""
    type: str = ""
    message: str | None = None


class _Status(msgspec.Struct, frozen=True):
    state: str = ""
    termination_details: _Details | None = None
    queue_details: _Details | None = None


class Run(msgspec.Struct, frozen=True):
    """A run of a job. Times are epoch milliseconds by the server's clock."""

    run_id: int
    job_id: int = 0
    state: _State = _State()
    status: _Status = _Status()
    start_time: int = 0
    end_time: int = 0
    run_page_url: str | None = None
    trigger: str | None = None

    @property
    def word(self) -> str:
        """Its state in Databricks' own word."""
        return self.state.life_cycle_state or self.status.state

    @property
    def understood(self) -> bool:
        return self.word in _ALIVE | _OVER

    @property
    def why(self) -> str:
        """Why it ended as it did, or waits, in Databricks' words; "" when it does not say."""
        details = self.status.termination_details or self.status.queue_details
        code = details.code if details else self.state.result_state or ""
        told = self.state.state_message or (details.message if details else "") or ""
        first = told.strip().splitlines()[0][:300] if told.strip() else ""
        return ": ".join(part for part in (code, first) if part)

    @property
    def outcome(self) -> RunState:
        """A word that is not known counts as running: what runs on is not to be started again."""
        if self.word not in _OVER:
            return RunState.RUNNING
        result = self.state.result_state or ""
        code = self.status.termination_details.code if self.status.termination_details else ""
        if result in _ENDS:
            return _ENDS[result]
        if code in ("USER_CANCELED", "CANCELED"):
            return RunState.CANCELLED
        return RunState.SKIPPED if self.word == "SKIPPED" else RunState.FAILED

    def told(self) -> RemoteRun:
        """As the kit for jobs has it."""
        details = self.status.termination_details
        return RemoteRun(
            id=str(self.run_id),
            state=self.outcome,
            word=self.word,
            order=float(self.run_id),
            understood=self.understood,
            why=self.why,
            retryable=details is None or details.type != "CLIENT_ERROR",
            started_at=self.start_time / 1000,
            ended_at=self.end_time / 1000 or None,
            by=self.trigger.lower() if self.trigger else None,
            url=self.run_page_url,
        )


class Settings(msgspec.Struct, frozen=True):
    name: str = ""
    max_concurrent_runs: int = 1


class Job(msgspec.Struct, frozen=True):
    """A job as it is listed."""

    job_id: int
    settings: Settings = Settings()
    creator_user_name: str | None = None


class JobsApi:
    """Implements `penstock.integration.jobs.RemoteJobs`. Raises RemoteProblem everywhere."""

    tool = "Databricks"
    once = True

    def __init__(self, client: Client) -> None:
        self._client = client
        self.place = client.place

    def named(self, name: str) -> list[tuple[Job, dict[str, Any]]]:
        """The jobs of exactly that name, each with all that the list says of it. Names need not be unique."""
        query = {"name": name, "limit": 100, "expand_tasks": "true"}
        listed = self._listed(f"{_ROOT}/list", query, "jobs")
        return [(found, raw) for raw in listed if (found := _as(raw, Job)).settings.name == name]

    def job(self, identity: int) -> tuple[Job, dict[str, Any]] | None:
        """None when there is none of that id."""
        try:
            raw = self._client.get(f"{_ROOT}/get", {"job_id": identity})
        except RemoteProblem as problem:
            if problem.kind is ProblemKind.NOT_FOUND:
                return None
            raise
        return _as(raw, Job), raw

    def earlier(self, trigger: Trigger) -> str | None:
        """The token itself makes sure that there is one run."""
        return None

    def start(self, trigger: Trigger) -> str:
        body: dict[str, object] = {"job_id": int(trigger.job), "idempotency_token": trigger.token}
        if trigger.parameters:
            body["job_parameters"] = trigger.parameters
        answer = self._client.post(f"{_ROOT}/run-now", body)
        identity = answer.get("run_id")
        if not isinstance(identity, int):
            raise RemoteProblem(ProblemKind.SERVER, f"{self.place}: the answer to run-now has no run_id")
        return str(identity)

    def run(self, job: str, run: str) -> RemoteRun:
        return _as(self._client.get(f"{_ROOT}/runs/get", {"run_id": run}, tries=1), Run).told()

    def active(self, job: str) -> list[RemoteRun]:
        """Newest first."""
        return self._runs({"job_id": job, "active_only": "true", "limit": 24})

    def completed(self, job: str) -> list[RemoteRun]:
        """Newest first: one page."""
        query = {"job_id": job, "completed_only": "true", "limit": 24}
        page = self._client.get(f"{_ROOT}/runs/list", query, tries=2)
        return [_as(raw, Run).told() for raw in page.get("runs") or ()]

    def cancel(self, job: str, run: str) -> None:
        self._client.post(f"{_ROOT}/runs/cancel", {"run_id": int(run)})

    def close(self) -> None:
        """Nothing is held open."""

    def _runs(self, query: dict[str, object]) -> list[RemoteRun]:
        return [_as(raw, Run).told() for raw in self._listed(f"{_ROOT}/runs/list", query, "runs")]

    def _listed(self, path: str, query: dict[str, object], name: str) -> Iterator[dict[str, Any]]:
        for page in self._client.paged(path, query):
            yield from page.get(name) or ()


def _as(raw: object, kind: type[T]) -> T:
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as wrong:
        raise RemoteProblem(
            ProblemKind.REJECTED, f"an answer of the jobs API is not understood: {wrong}"
        ) from None
