"""The `automation` and `schedules` parts of penstock.yml. Settings only; the room `automation` reads crons and acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from penstock.errors import ConfigError
from penstock.project.positions import Located
from penstock.project.settings import convert_settings
from penstock.system.durations import EXAMPLES, seconds_of

Missed = Literal["one", "all", "none"]
Build = Literal["demand", "never"]
TickOverlap = Literal["wait_one", "skip", "cancel_old", "allow"]


class ScheduleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One command at its times: `cron` in `timezone`, or `every` so often."""

    name: str
    run: str
    cron: str | None = None
    every: str | None = None
    timezone: str | None = None
    missed: Missed = "one"
    grace: str | None = None
    overlap: TickOverlap = "wait_one"
    jitter: str | None = None


class FreshSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How old the data may be: `warn`, `fail`. `by`: at these times only, such as "08:00 mon-fri". `of`: only as far as it
    comes from these assets. `tested`: only data that passed its checks counts."""

    warn: str | None = None
    fail: str | None = None
    by: str | None = None
    timezone: str | None = None
    of: list[str] = []
    tested: bool | None = None


class PolicySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for a selection. Later policies override single fields of earlier ones."""

    select: str
    exclude: str | None = None
    fresh: FreshSettings | None = None
    static: bool | None = None
    build: Build | None = None


class AutomationSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for all that starts by itself."""

    timezone: str = "UTC"


class _Policies(msgspec.Struct, frozen=True, kw_only=True):
    policies: list[PolicySettings] = []


class _Schedules(msgspec.Struct, frozen=True, kw_only=True):
    schedules: list[ScheduleSettings] = []


def read_automation(data: Any, located: Located, file: str) -> AutomationSettings:
    """Raises ConfigError with file:line, and the nearest known key."""
    return convert_settings(data or {}, AutomationSettings, ("automation",), located, file)


def read_schedules(data: Any, located: Located, file: str) -> tuple[ScheduleSettings, ...]:
    """Raises ConfigError with file:line for a wrong key or time, and for a name given twice."""
    found = convert_settings({"schedules": data or []}, _Schedules, (), located, file).schedules
    for at, one in enumerate(found):
        if wrong := _wrong(one, found[:at]):
            key, what, hint = wrong
            line = located.line(("schedules", at, key))
            raise ConfigError(
                f"schedule '{one.name}': {what}", where=f"{file}:{line}" if line else file, hint=hint
            )
    return tuple(found)


def read_policies(data: Any, located: Located, file: str) -> tuple[PolicySettings, ...]:
    """Raises ConfigError with file:line for a wrong key or length of time."""
    found = convert_settings({"policies": data or []}, _Policies, (), located, file).policies
    for at, one in enumerate(found):
        fresh = one.fresh or FreshSettings()
        for key in ("warn", "fail"):
            text = getattr(fresh, key)
            if text is not None and not seconds_of(text):
                line = located.line(("policies", at, "fresh", key))
                raise ConfigError(
                    f"policy of '{one.select}': fresh.{key}: {text!r} is no length of time",
                    where=f"{file}:{line}" if line else file,
                    hint=f"write {EXAMPLES}",
                )
    return tuple(found)


def _wrong(one: ScheduleSettings, before: Sequence[ScheduleSettings]) -> tuple[str, str, str | None] | None:
    if not one.name or not one.name.replace("-", "").replace("_", "").isalnum():
        return "name", "a name has letters, digits, - and _", None
    if any(other.name == one.name for other in before):
        return "name", "the name stands twice", None
    if (one.cron is None) == (one.every is None):
        hint = 'cron: "0 6 * * *", or every: 15m'
        return "name", "it needs a cron or an every" + ("" if one.cron is None else ", not both"), hint
    if one.every is not None and (seconds_of(one.every) or 0) < 1:
        return "every", f"{one.every!r} is no length of time", f"write {EXAMPLES}"
    for key in ("grace", "jitter"):
        text = getattr(one, key)
        if text is not None and seconds_of(text) is None:
            return key, f"{text!r} is no length of time", f"write {EXAMPLES}"
    return None
