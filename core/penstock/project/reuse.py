"""`reuse` of penstock.yml: whether runs leave what is up to date alone, and how old it may be. Read and checked; decides nothing."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from penstock.errors import ConfigError, nearest_names
from penstock.project.positions import Located
from penstock.system.durations import EXAMPLES, seconds_of

Volatile = Literal["ignore", "day", "hour", "always"]
OnCodeChange = Literal["increment", "full_refresh", "ask"]
_SHARE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*", re.ASCII)
_MODES = {"auto": True, "off": False, True: True, False: False}


class ReuseSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How runs reuse. `volatile`: how often SQL is built anew that a clock, chance or an unknown function decides; without it once a
    day for the date alone, else always. `max_lag`: for how long after it was made an asset need not follow new data. `audit`: the share
    of what would be reused that is built all the same, so that both can be compared. `on_code_change`: what becomes of an incremental
    model whose code has changed: `increment` (only new rows follow it), `full_refresh`, or `ask` (it is left until somebody says)."""

    mode: bool | Literal["auto", "off"] = "auto"  # YAML reads `off` as a truth value
    volatile: Volatile | None = None
    max_lag: str = "0s"
    audit: str = "0%"
    on_code_change: OnCodeChange = "increment"

    @property
    def on(self) -> bool:
        return _MODES[self.mode]

    @property
    def lag_seconds(self) -> float:
        return seconds_of(self.max_lag) or 0.0

    @property
    def audit_share(self) -> float:
        """From 0 to 1."""
        return share_of(self.audit) or 0.0


def share_of(text: str) -> float | None:
    """`1%` as 0.01; None where it is no share."""
    found = _SHARE.fullmatch(text)
    share = float(found[1]) / 100 if found else 2.0
    return share if share <= 1 else None


def read_reuse(value: object, located: Located, file: str) -> ReuseSettings:
    """Raises ConfigError with file:line."""
    if value is None:
        return ReuseSettings()
    line = located.line(("reuse",))
    where = f"{file}:{line}" if line else file
    if isinstance(value, bool | str):
        value = {"mode": value}
    known = [field.name for field in msgspec.structs.fields(ReuseSettings)]
    for key in value if isinstance(value, dict) else ():
        if key not in known:
            near = nearest_names(str(key), known)
            guess = f"; did you mean '{near[0]}'?" if near else ""
            raise ConfigError(
                f"unknown key 'reuse.{key}'{guess}", where=where, hint="known keys: " + ", ".join(known)
            )
    try:
        found = msgspec.convert(value, ReuseSettings)
    except msgspec.ValidationError as wrong:
        told = str(wrong).replace("`$", "`reuse")
        raise ConfigError(
            f"reuse: {told}", where=where, hint="reuse: auto, off, or a mapping of " + ", ".join(known)
        ) from None
    if seconds_of(found.max_lag) is None:
        raise ConfigError(
            f"reuse.max_lag: {found.max_lag!r} is no duration", where=where, hint=f"write {EXAMPLES}"
        )
    if share_of(found.audit) is None:
        raise ConfigError(
            f"reuse.audit: {found.audit!r} is no share", where=where, hint="write 0% to 100%, such as 1%"
        )
    if not found.on and isinstance(value, dict) and len(value) > 1:
        raise ConfigError(
            "reuse contradicts itself: it is off, and has rules",
            where=where,
            hint="leave out the mode, or the rules",
        )
    return found
