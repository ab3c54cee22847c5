"""What a job step carries from the observation to its runner: which job, and what the plan permitted."""

from __future__ import annotations

import msgspec


class JobPayload(msgspec.Struct, frozen=True, kw_only=True):
    """`max_age` and `patience` are seconds; `may_start` permits the start; `adopt`: a run that somebody else started will do."""

    job: str
    name: str
    may_start: bool
    max_age: float | None = None
    adopt: bool = False
    patience: float = 7200.0
    parameters: dict[str, str] = {}
