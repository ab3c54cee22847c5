"""What dbt is told by the command line of penstock, under dbt's own names. The one place where they are listed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from penstock.integration import given

_TIMES = ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")


class DbtOptions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`vars` is a mapping, or the YAML text that dbt takes; `state` a folder; `args` what stood behind `--`."""

    target: str | None = None
    profile: str | None = None
    profiles_dir: str | None = None
    vars: dict[str, object] | str | None = None
    threads: int | None = None
    full_refresh: bool = False
    fail_fast: bool = False
    empty: bool = False
    sample: str | None = None
    event_time_start: str | None = None
    event_time_end: str | None = None
    clone: bool = False
    defer: bool = False
    state: str | None = None
    favor_state: bool = False
    warn_error: bool = False
    args: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """What dbt refuses before it begins: found later, each model fails by it."""
        times = {"start": self.event_time_start, "end": self.event_time_end}
        read = {name: _time(f"--event-time-{name}", text) for name, text in times.items() if text is not None}
        if len(read) == 2 and read["start"] >= read["end"]:
            raise ValueError("--event-time-start must be earlier than --event-time-end")


def _time(flag: str, text: str) -> datetime:
    for form in _TIMES:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise ValueError(f"{flag} {text!r} is no time: write 2026-03-01 or 2026-03-01T07:00:00")


def options_of(*given_: Mapping[str, object]) -> DbtOptions:
    """Of all these together; what comes later wins. Raises UsageError."""
    together: dict[str, object] = {}
    for one in given_:
        together.update(one)
    return given(together, DbtOptions)
