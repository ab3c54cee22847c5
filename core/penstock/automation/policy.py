"""Policies laid over one another per asset, field by field, with the line that set each. Selects nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from penstock.assets import AssetKey, DeclaredPolicy
from penstock.automation.cron import Ticks, read_time
from penstock.automation.promise import Fresh
from penstock.errors import ConfigError, UsageError
from penstock.project import Project
from penstock.project.automation import PolicySettings
from penstock.system.durations import seconds_of


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A field of an asset's policy, as written, and where: `penstock.yml:12 (tag:finance)`."""

    name: str
    value: Any
    line: str


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """All that holds for one asset. `fields` in the order in which they are known."""

    fields: tuple[Field, ...] = ()

    def get(self, name: str) -> Any:
        return next((field.value for field in self.fields if field.name == name), None)


def laid_over(
    project: Project,
    chosen: Iterable[tuple[int, PolicySettings, frozenset[AssetKey]]],
    declared: Mapping[AssetKey, DeclaredPolicy] | None = None,
) -> dict[AssetKey, Policy]:
    """The policy of every asset that has one. `chosen`: each policy with its number and what it selects, in order; `declared`: what the
    tools' own files say, below all of them."""
    found: dict[AssetKey, dict[str, Field]] = {
        asset: {name: Field(name=name, value=value, line=one.place) for name, value in _said(one).items()}
        for asset, one in (declared or {}).items()
    }
    for at, policy, assets in chosen:
        fields = fields_said(project, at, policy)
        for asset in assets:
            found.setdefault(asset, {}).update(fields)
    return {asset: Policy(fields=tuple(fields.values())) for asset, fields in found.items()}


def _said(one: DeclaredPolicy) -> dict[str, object]:
    said = {
        "build": one.build,
        "build_after.time": one.build_after,
        "build_after.updates_on": one.updates_on,
        "settle": one.settle,
        "fresh.warn": one.warn,
        "fresh.fail": one.fail,
        "guard.builds_per_day": one.builds_per_day,
    }
    return {name: value for name, value in said.items() if value is not None}


def fields_said(project: Project, at: int, policy: PolicySettings) -> dict[str, Field]:
    """What one policy of penstock.yml says by itself."""
    said: dict[str, object] = {}
    if policy.fresh is not None:
        values = msgspec.structs.asdict(policy.fresh)
        said |= {f"fresh.{name}": value for name, value in values.items() if value not in (None, [])}
    if policy.static is not None:
        said["static"] = policy.static
    if policy.build is not None:
        said["build"] = policy.build
    if policy.build_after is not None:
        said |= {
            "build_after.time": policy.build_after.time,
            "build_after.updates_on": policy.build_after.updates_on,
        }
    if policy.settle is not None:
        said["settle"] = policy.settle
    if policy.guard is not None:
        said["guard.builds_per_day"] = policy.guard.builds_per_day
    if policy.sync is not None:
        said["sync"] = policy.sync
    return {
        name: Field(
            name=name,
            value=value,
            line=f"{project.place(('policies', at, *name.split('.')))} ({policy.select})",
        )
        for name, value in said.items()
    }


def promise_of(policy: Policy, timezone: str) -> Fresh | None:
    """The asset's freshness promise. Raises ConfigError where its fields contradict one another."""
    warn, fail = (_seconds(policy.get(f"fresh.{name}")) for name in ("warn", "fail"))
    lines = {field.name: field.line for field in policy.fields}
    if warn is None and fail is None:
        if policy.get("fresh.by") is not None:
            raise ConfigError(
                "fresh.by needs to know how old the data may be", where=lines["fresh.by"], hint="add fail: 6h"
            )
        return None
    if warn is not None and fail is not None and warn > fail:
        raise ConfigError(
            f"fresh: warn ({policy.get('fresh.warn')}) comes after fail ({policy.get('fresh.fail')})",
            where=lines["fresh.warn"],
        )
    by = policy.get("fresh.by")
    shown = ", ".join(
        f"{name} {policy.get(f'fresh.{name}')}"
        for name in ("warn", "fail", "by")
        if policy.get(f"fresh.{name}")
    )
    return Fresh(
        warn=warn,
        fail=fail,
        by=None if by is None else _by(by, policy.get("fresh.timezone") or timezone, lines["fresh.by"]),
        of=tuple(policy.get("fresh.of") or ()),
        tested=bool(policy.get("fresh.tested")),
        text=shown,
        line=lines.get("fresh.fail") or lines["fresh.warn"],
    )


def _seconds(text: str | None) -> float | None:
    return None if text is None else seconds_of(text)


def _by(text: str, timezone: str, line: str) -> Ticks:
    try:
        return read_time(text, timezone)
    except UsageError as wrong:
        raise ConfigError(
            f"fresh.by: {wrong.what}", where=line, hint='write by: "08:00", or by: "08:00 mon-fri"'
        ) from None
