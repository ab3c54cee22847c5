"""The `automation` and `schedules` parts of penstock.yml. Settings only; the room `automation` reads crons and acts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from penstock.errors import ConfigError
from penstock.project.positions import Located
from penstock.project.settings import convert_settings
from penstock.system.durations import EXAMPLES, seconds_of

Missed = Literal["one", "all", "none"]
Build = Literal["demand", "change", "missing", "never"]
TickOverlap = Literal["wait_one", "skip", "cancel_old", "allow"]


class ScheduleSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One command at its times: `cron` in `timezone`, or `every` so often; and whenever the event `on` arrives."""

    name: str
    run: str
    cron: str | None = None
    every: str | None = None
    on: str | None = None
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


class BuildAt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Built at these times, once none, any or all of what it reads is newer than that; given up after `give_up`."""

    cron: str
    timezone: str | None = None
    wait_for: Literal["none", "any", "all"] = "none"
    give_up: str = "6h"


class BuildAfter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On changes, so long after the last build at the earliest, of any table that it reads or of all."""

    time: str
    updates_on: Literal["any", "all"] = "any"


class SyncAt(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Syncs that are started at these times. Without it a connection's own schedule is followed."""

    cron: str
    timezone: str | None = None
    jitter: str | None = None
    missed: Missed = "one"
    grace: str | None = None
    overlap: TickOverlap = "wait_one"


class Guard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much automation may do: builds of an asset in a day (UTC), its runs in an hour, what they cost in a day."""

    builds_per_day: int | None = None
    runs_per_hour: int | None = None
    cost_per_day: float | None = None


class AssetGuard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    builds_per_day: int


class QuietSettings(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"start": "from"}
):
    """Hours in which nothing starts by itself: `from: "22:00", to: "05:00", days: sat-sun`."""

    start: str
    to: str
    days: str = "*"
    timezone: str | None = None
    reason: str = ""


class PolicySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for a selection. Later policies override single fields of earlier ones."""

    select: str
    exclude: str | None = None
    fresh: FreshSettings | None = None
    static: bool | None = None
    build: Build | BuildAt | None = None
    build_after: BuildAfter | None = None
    settle: str | None = None
    guard: AssetGuard | None = None
    sync: SyncAt | None = None


class AutomationSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for all that starts by itself."""

    timezone: str = "UTC"
    settle: str = "2m"
    guard: Guard = Guard(builds_per_day=24, runs_per_hour=60)
    quiet: list[QuietSettings] = []
    max_plan: int = 500


class _Policies(msgspec.Struct, frozen=True, kw_only=True):
    policies: list[PolicySettings] = []


class _Schedules(msgspec.Struct, frozen=True, kw_only=True):
    schedules: list[ScheduleSettings] = []


def read_automation(data: dict[str, object] | None, located: Located, file: str) -> AutomationSettings:
    """Raises ConfigError with file:line, and the nearest known key."""
    found = convert_settings(data or {}, AutomationSettings, ("automation",), located, file)
    _length(found.settle, ("automation", "settle"), located, file, "automation: settle")
    if found.max_plan < 1:
        raise _wrong_at(
            f"automation: max_plan: {found.max_plan} builds nothing",
            ("automation", "max_plan"),
            located,
            file,
        )
    return found


def read_schedules(data: object, located: Located, file: str) -> tuple[ScheduleSettings, ...]:
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


def read_policies(data: object, located: Located, file: str) -> tuple[PolicySettings, ...]:
    """Raises ConfigError with file:line for a wrong key or length of time, and for a policy that contradicts itself."""
    found = convert_settings({"policies": data or []}, _Policies, (), located, file).policies
    for at, one in enumerate(found):
        fresh, path = one.fresh or FreshSettings(), ("policies", at)
        lengths = {
            ("fresh", "warn"): fresh.warn,
            ("fresh", "fail"): fresh.fail,
            ("settle",): one.settle,
            ("build_after", "time"): one.build_after.time if one.build_after else None,
            ("build", "give_up"): one.build.give_up if isinstance(one.build, BuildAt) else None,
            ("sync", "jitter"): one.sync.jitter if one.sync else None,
            ("sync", "grace"): one.sync.grace if one.sync else None,
        }
        for keys, text in lengths.items():
            if text is not None:
                _length(text, (*path, *keys), located, file, f"policy of '{one.select}': {'.'.join(keys)}")
        if one.guard is not None and one.guard.builds_per_day < 1:
            what = f"policy of '{one.select}': a guard of {one.guard.builds_per_day} builds nothing"
            raise _wrong_at(what, (*path, "guard"), located, file, "write build: never")
        if against := _contradiction(one):
            keys, what, hint = against
            raise _wrong_at(f"policy of '{one.select}': {what}", (*path, *keys), located, file, hint)
    return tuple(found)


def _contradiction(one: PolicySettings) -> tuple[tuple[str, ...], str, str] | None:
    """Within one policy. What several say of one asset together is known where they meet."""
    if one.fresh is not None and one.fresh.warn is not None and one.fresh.fail is not None:
        warn, fail = one.fresh.warn, one.fresh.fail
        if (seconds_of(warn) or 0) > (seconds_of(fail) or 0):
            return ("fresh", "warn"), f"fresh: warn ({warn}) comes after fail ({fail})", "warn comes first"
    word = "a schedule" if isinstance(one.build, BuildAt) else one.build
    if one.build_after is not None and word not in (None, "change"):
        what = f"build_after goes with build: change, and here holds build: {word}"
        return ("build_after",), what, "build: change"
    return None


def _length(text: str, path: tuple[str | int, ...], located: Located, file: str, name: str) -> None:
    zero = path[-1] in ("settle", "time", "jitter")
    if (seconds := seconds_of(text)) is None or (not seconds and not zero):
        raise _wrong_at(f"{name}: {text!r} is no length of time", path, located, file, f"write {EXAMPLES}")


def _wrong_at(
    what: str, path: tuple[str | int, ...], located: Located, file: str, hint: str | None = None
) -> ConfigError:
    line = located.line(path)
    return ConfigError(what, where=f"{file}:{line}" if line else file, hint=hint)


def _wrong(one: ScheduleSettings, before: Sequence[ScheduleSettings]) -> tuple[str, str, str | None] | None:
    if not one.name or not one.name.replace("-", "").replace("_", "").isalnum():
        return "name", "a name has letters, digits, - and _", None
    if any(other.name == one.name for other in before):
        return "name", "the name stands twice", None
    if one.cron is not None and one.every is not None:
        return "name", "it needs a cron or an every, not both", 'cron: "0 6 * * *", or every: 15m'
    if one.cron is None and one.every is None and one.on is None:
        hint = 'cron: "0 6 * * *", or every: 15m, or on: and a name of events'
        return "name", "it needs a cron or an every, or an event", hint
    if one.every is not None and (seconds_of(one.every) or 0) < 1:
        return "every", f"{one.every!r} is no length of time", f"write {EXAMPLES}"
    for key in ("grace", "jitter"):
        text = getattr(one, key)
        if text is not None and seconds_of(text) is None:
            return key, f"{text!r} is no length of time", f"write {EXAMPLES}"
    return None
