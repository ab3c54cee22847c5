"""What dbt is told by the command line of penstock, under dbt's own names. The one place where they are listed."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from penstock.integration import given


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


def options_of(*given_: Mapping[str, object]) -> DbtOptions:
    """Of all these together; what comes later wins. Raises UsageError."""
    together: dict[str, object] = {}
    for one in given_:
        together.update(one)
    return given(together, DbtOptions)
