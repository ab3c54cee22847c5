"""Policies that a dbt project declares itself: `freshness.build_after` and `meta.penstock` of a model. Reads no file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import msgspec

from penstock.assets import DeclaredPolicy
from penstock.system.durations import seconds_of
from penstock_dbt.translation import NodeConfig
from penstock_manifests.dbt.records import NULL

_PERIODS = {"minute": "m", "hour": "h", "day": "d"}
_UpdatesOn = Literal["any", "all"]


class _After(msgspec.Struct, frozen=True):
    count: int | None = None
    period: str | None = None
    updates_on: _UpdatesOn | None = None


class _Freshness(msgspec.Struct, frozen=True):
    build_after: _After | None = None


class _Fresh(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    warn: str | None = None
    fail: str | None = None


class _BuildAfter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    time: str
    updates_on: _UpdatesOn = "any"


class _Ours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    build: Literal["demand", "change", "missing", "never"] | None = None
    build_after: _BuildAfter | None = None
    settle: str | None = None
    fresh: _Fresh | None = None
    builds_per_day: Annotated[int, msgspec.Meta(ge=1)] | None = None
    deterministic: bool = False  # of a Python model: the same inputs give the same rows


class _Meta(msgspec.Struct, frozen=True):
    penstock: _Ours | None = None


def declared(settings: NodeConfig, place: str, wrong: Callable[[str], None]) -> DeclaredPolicy | None:
    """None where nothing is said. `wrong` is told in words what cannot be read."""
    _tolerance(settings, place, wrong)
    ours = _ours(settings, place, wrong)
    after = _after(settings, place, wrong)
    if after is None and (ours is None or msgspec.structs.replace(ours, deterministic=False) == _Ours()):
        return None
    ours = ours or _Ours()
    if ours.build_after is not None:
        after = ours.build_after
    return DeclaredPolicy(
        place=place,
        build=ours.build or ("change" if after is not None else None),
        build_after=after.time if after else None,
        updates_on=after.updates_on if after else None,
        settle=ours.settle,
        warn=ours.fresh.warn if ours.fresh else None,
        fail=ours.fresh.fail if ours.fresh else None,
        builds_per_day=ours.builds_per_day,
    )


def _names(setting: msgspec.Raw, word: bytes) -> bool:
    return setting != NULL and word in bytes(setting)


def _ours(settings: NodeConfig, place: str, wrong: Callable[[str], None]) -> _Ours | None:
    if not _names(settings.meta, b'"penstock"'):
        return None
    try:
        found = msgspec.json.decode(settings.meta, type=_Meta).penstock
    except msgspec.ValidationError as error:
        wrong(f"{place}: meta.penstock cannot be read: {error}")
        return None
    if found is None:
        return None
    lengths = {
        "settle": found.settle,
        "build_after.time": found.build_after.time if found.build_after else None,
        "fresh.warn": found.fresh.warn if found.fresh else None,
        "fresh.fail": found.fresh.fail if found.fresh else None,
    }
    for name, text in lengths.items():
        if text is not None and seconds_of(text) is None:
            wrong(f"{place}: meta.penstock: {name}: {text!r} is no length of time")
            return None
    return found


def _tolerance(settings: NodeConfig, place: str, wrong: Callable[[str], None]) -> None:
    if not _names(settings.state, b"lag_tolerance"):
        return
    said = msgspec.json.decode(settings.state)
    text = said.get("lag_tolerance") if isinstance(said, dict) else None
    if text is not None and seconds_of(str(text)) is None:
        wrong(f"{place}: state.lag_tolerance: {text!r} is no length of time")


def _after(settings: NodeConfig, place: str, wrong: Callable[[str], None]) -> _BuildAfter | None:
    if not _names(settings.freshness, b"build_after"):
        return None
    try:
        found = msgspec.json.decode(settings.freshness, type=_Freshness).build_after
    except msgspec.ValidationError as error:
        wrong(f"{place}: freshness.build_after cannot be read: {error}")
        return None
    if found is None or found.count is None:
        return None
    unit = _PERIODS.get(found.period or "")
    if unit is None:
        wrong(f"{place}: freshness.build_after: {found.period!r} is no period")
        return None
    return _BuildAfter(time=f"{found.count}{unit}", updates_on=found.updates_on or "any")
