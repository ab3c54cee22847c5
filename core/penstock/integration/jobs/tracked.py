"""What the handle of a followed job holds, and what it is told as. A record, no I/O."""

from __future__ import annotations

import msgspec

from penstock.integration.jobs.payload import JobPayload


class Tracked(msgspec.Struct, frozen=True, kw_only=True):
    """What a handle holds. `run` None: to be started, or found by its token. `ours`: this attempt's own trigger made it."""

    payload: JobPayload
    items: tuple[str, ...]
    token: str
    run: str | None = None
    ours: bool = False

    def with_run(self, run: str, *, ours: bool) -> Tracked:
        return msgspec.structs.replace(self, run=run, ours=ours)

    def told(self) -> dict[str, object]:
        found: dict[str, object] = msgspec.to_builtins(self)
        return found

    @classmethod
    def of(cls, told: dict[str, object]) -> Tracked:
        return msgspec.convert(told, cls)
