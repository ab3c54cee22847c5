"""Policies and limits as automation acts on them: words of penstock.yml read into seconds and times. Selects nothing."""

from __future__ import annotations

from typing import Any, cast

from penstock.automation.cron import read_ticks, weekdays
from penstock.automation.policy import Policy, fields_said, promise_of
from penstock.automation.world import BuildWord, Limits, Quiet, Rule
from penstock.errors import ConfigError, UsageError
from penstock.project import Project
from penstock.project.automation import AutomationSettings, BuildAt, QuietSettings
from penstock.system.durations import seconds_of

_DAY = 86400.0


def rule_of(policy: Policy, settings: AutomationSettings) -> Rule:
    """Raises ConfigError with the line of what cannot be, or contradicts itself."""
    lines = {field.name: field.line for field in policy.fields}
    build = policy.get("build") or "demand"
    after = policy.get("build_after.time")
    word = "schedule" if isinstance(build, BuildAt) else build
    if after is not None and word != "change":
        raise ConfigError(
            f"build_after goes with build: change, and here holds build: {word}",
            where=lines["build_after.time"],
            hint="build: change" if "build" not in lines else f"build is said in {lines['build']}",
        )
    return Rule(
        build=cast("BuildWord", word),
        settle=_seconds(policy.get("settle") or settings.settle),
        after=_seconds(after or "0s"),
        updates_on=policy.get("build_after.updates_on") or "any",
        per_day=policy.get("guard.builds_per_day") or settings.guard.builds_per_day,
        line=lines.get("build", ""),
        **(_times(build, settings.timezone, lines["build"]) if isinstance(build, BuildAt) else {}),
    )


def _times(build: BuildAt, timezone: str, line: str) -> dict[str, Any]:
    try:
        ticks = read_ticks(build.cron, build.timezone or timezone)
    except UsageError as wrong:
        raise ConfigError(f"build: {wrong.what}", where=line, hint=wrong.hint) from None
    return {"ticks": ticks, "wait_for": build.wait_for, "give_up": _seconds(build.give_up)}


def refuse_contradictions(project: Project) -> None:
    """Of each policy with itself, whatever it selects. Raises ConfigError with the line. What one leaves to another is read where
    they meet: `build_after` may stand above a `build: change` for fewer."""
    settings = project.document.automation
    for at, one in enumerate(project.document.policies):
        said = Policy(fields=tuple(fields_said(project, at, one).values()))
        if said.get("fresh.warn") is not None or said.get("fresh.fail") is not None:
            promise_of(said, settings.timezone)
        if said.get("build") is not None:
            rule_of(said, settings)


def limits_of(project: Project) -> Limits:
    """Raises ConfigError with the line of hours that cannot be."""
    settings = project.document.automation
    return Limits(
        runs_per_hour=settings.guard.runs_per_hour,
        cost_per_day=settings.guard.cost_per_day,
        max_plan=settings.max_plan,
        quiet=tuple(_quiet(project, at, one) for at, one in enumerate(settings.quiet)),
    )


def _quiet(project: Project, at: int, one: QuietSettings) -> Quiet:
    path = ("automation", "quiet", at)
    begin, end = (_minutes(text) for text in (one.start, one.to))
    if begin is None or end is None or begin == end:
        raise project.error(
            f"quiet: from {one.start!r} to {one.to!r} are no hours",
            path,
            'write {from: "22:00", to: "05:00"}',
        )
    zone = one.timezone or project.document.automation.timezone
    try:
        starts = read_ticks(f"{begin % 60} {begin // 60} * * {weekdays(one.days)}", zone)
    except UsageError as wrong:
        raise project.error(f"quiet: {wrong.what}", path, "days: sat-sun, or mon,wed") from None
    return Quiet(starts=starts, seconds=((end - begin) * 60.0) % _DAY, reason=one.reason)


def _minutes(text: str) -> int | None:
    hours, mark, minutes = text.partition(":")
    if not (mark and hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60):
        return None
    return int(hours) * 60 + int(minutes)


def _seconds(text: str) -> float:
    return seconds_of(text) or 0.0
