"""What the kit asks of a service that runs jobs, and a run as the service tells of it. Records and one protocol."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

import msgspec


class RunState(StrEnum):
    """A word that is not known counts as RUNNING: what runs on is not to be started again. PARTLY: some of it failed."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTLY = "partly"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    FAILED = "failed"


class RemoteRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run of a job; times are epoch seconds by the server's clock.

    `word` is its state in the service's own word, `why` what the service says about it ("" nothing). `retryable`: whether
    another run can help where this one failed. `order` grows with each run of a job.
    """

    id: str
    state: RunState
    word: str
    order: float
    understood: bool = True
    why: str = ""
    retryable: bool = True
    started_at: float = 0.0
    ended_at: float | None = None
    by: str | None = None
    url: str | None = None


class Trigger(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at starting a job. `token` is the attempt's own: one run comes of it, however often it is sent.

    It may have been sent between `first_at` and `last_at`, epoch seconds by our clock.
    """

    job: str
    token: str
    parameters: dict[str, str]
    first_at: float
    last_at: float


class RemoteJobs(Protocol):
    """Raises RemoteProblem everywhere. `tool` is the service's name for people. `once`: whether one run comes of a token, however often
    it is sent. Thread-safe."""

    tool: str
    once: bool

    def active(self, job: str) -> list[RemoteRun]:
        """Runs of the job that have not ended."""
        ...

    def completed(self, job: str) -> list[RemoteRun]:
        """The last runs that have ended."""
        ...

    def run(self, job: str, run: str) -> RemoteRun: ...

    def earlier(self, trigger: Trigger) -> str | None:
        """The run that came of sending this before; None: none did, or sending it again makes no second one. A service without
        that promise looks for it, and raises a passing problem while it cannot know."""
        ...

    def start(self, trigger: Trigger) -> str:
        """The run of this token: started, or the one that it has started before where the service promises that."""
        ...

    def cancel(self, job: str, run: str) -> None:
        """Ask for it: the run ends later."""
        ...

    def close(self) -> None:
        """Whatever is open to the service."""
        ...
