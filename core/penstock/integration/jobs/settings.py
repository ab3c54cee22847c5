"""The words with which penstock.yml permits and describes a job of a warehouse: the same for every warehouse."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

import msgspec

from penstock.assets import Permission
from penstock.system.durations import EXAMPLES, seconds_of

_OLDER_THAN = "when_older_than"


class StartPolicy(StrEnum):
    """Whether a run may start this job, which costs money. ASK: on a terminal, after a yes; elsewhere as NEVER."""

    ASK = "ask"
    NEVER = "never"
    ALWAYS = "always"


PERMISSIONS = {
    StartPolicy.ASK: Permission.ASK,
    StartPolicy.NEVER: Permission.NEVER,
    StartPolicy.ALWAYS: Permission.FREE,
}


class JobWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A job below `jobs:`. `reads` and `writes` are tables, with the name of another warehouse before a colon where they lie
    elsewhere (`shop:shop.main.orders`, read only). `needs_writes`: nobody but penstock.yml can tell what the job makes."""

    needs_writes: ClassVar[bool] = True
    start: str | dict[str, str] | None = None
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    parameters: dict[str, str] = {}
    adopt: bool = False
    appends: bool = False
    patience: str = "2h"

    def __post_init__(self) -> None:
        if self.needs_writes and not self.writes:
            raise ValueError("`writes` names the tables that the job makes, at least one")
        if self.start is not None:
            policy_of(self.start)
        seconds(self.patience)


def policy_of(told: str | dict[str, str]) -> tuple[StartPolicy, float | None]:
    """The policy, and the age in seconds that `when_older_than` gives with it. Raises ValueError."""
    if isinstance(told, dict):
        if set(told) == {_OLDER_THAN}:
            return StartPolicy.ALWAYS, seconds(told[_OLDER_THAN])
    elif told.startswith(f"{_OLDER_THAN}:"):
        return StartPolicy.ALWAYS, seconds(told.partition(":")[2])
    elif told in {policy.value for policy in StartPolicy}:
        return StartPolicy(told), None
    raise ValueError(f"`start` is one of ask, never, always, or {_OLDER_THAN}: 1h; not {told!r}")


def seconds(text: str) -> float:
    """A length of time in seconds. Raises ValueError when it is none."""
    found = seconds_of(text)
    if found is None:
        raise ValueError(f"invalid duration '{text}' (examples: {EXAMPLES})")
    return found
