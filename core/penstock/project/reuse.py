"""`reuse` of penstock.yml: whether runs leave what is up to date alone, and how old it may be. Read and checked; decides nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, get_args

import msgspec

from penstock.errors import ConfigError, nearest_names
from penstock.project.positions import Located
from penstock.system.durations import EXAMPLES, seconds_of

Volatile = Literal["ignore", "day", "hour", "always"]
OnCodeChange = Literal["increment", "full_refresh", "ask"]
_SHARE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*", re.ASCII)
_WORDS = {"volatile": get_args(Volatile), "on_code_change": get_args(OnCodeChange)}
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


_KEYS = tuple(field.name for field in msgspec.structs.fields(ReuseSettings))
_HINT = "reuse: auto, off, or a mapping of " + ", ".join(_KEYS)


def share_of(text: str) -> float | None:
    """`1%` as 0.01; None where it is no share."""
    found = _SHARE.fullmatch(text)
    share = float(found[1]) / 100 if found else 2.0
    return share if share <= 1 else None


def read_reuse(value: object, located: Located, file: str) -> ReuseSettings:
    """Raises ConfigError with file:line."""
    if value is None:
        return ReuseSettings()
    line = _line(located)
    where = f"{file}:{line}" if line else file
    if isinstance(value, bool | str):
        value = {"mode": value}
    if not isinstance(value, dict):
        raise ConfigError(f"reuse: {value!r} is no setting of it", where=where, hint=_HINT)
    _check(value, where)
    found = msgspec.convert(value, ReuseSettings)
    if not found.on and len(value) > 1:
        raise ConfigError(
            "reuse contradicts itself: it is off, and has rules",
            where=where,
            hint="leave out the mode, or the rules",
        )
    return found


def _check(value: Mapping[str, object], where: str) -> None:
    """Each key and what it may be. Raises ConfigError."""
    for key, said in value.items():
        if key not in _KEYS:
            near = nearest_names(str(key), _KEYS)
            guess = f"; did you mean '{near[0]}'?" if near else ""
            raise ConfigError(
                f"unknown key 'reuse.{key}'{guess}", where=where, hint="known keys: " + ", ".join(_KEYS)
            )
        if key == "mode" and not (isinstance(said, bool | str) and said in _MODES):
            raise ConfigError(f"reuse: {said!r} is neither auto nor off", where=where, hint=_HINT)
        if key in _WORDS and said not in _WORDS[key]:
            hint = "write " + ", ".join(_WORDS[key][:-1]) + f" or {_WORDS[key][-1]}"
            raise ConfigError(f"reuse.{key}: {said!r} is not known", where=where, hint=hint)
        if key == "max_lag" and not (isinstance(said, str) and seconds_of(said) is not None):
            raise ConfigError(
                f"reuse.max_lag: {said!r} is no duration", where=where, hint=f"write {EXAMPLES}"
            )
        if key == "audit" and not (isinstance(said, str) and share_of(said) is not None):
            raise ConfigError(
                f"reuse.audit: {said!r} is no share", where=where, hint="write 0% to 100%, such as 1%"
            )


def _line(located: Located) -> int | None:
    """Of the project's own, else of the one environment that says it."""
    own = located.line(("reuse",))
    said = [
        line for path, line in located.lines.items() if path[0] == "environments" and path[2:] == ("reuse",)
    ]
    return own or (said[0] if len(said) == 1 else None)
