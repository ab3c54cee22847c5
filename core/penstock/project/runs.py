"""The `runs` part of penstock.yml: how runs behave when things take long or go wrong. Settings only; run/policy.py acts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from penstock.errors import ConfigError, nearest_names
from penstock.project.positions import Located, YamlPath
from penstock.project.settings import convert_settings
from penstock.system.durations import EXAMPLES, seconds_of

OnExit = Literal["ask", "keep", "cancel"]
OnTimeout = Literal["cancel", "keep"]
OnUnknown = Literal["again", "fail"]
OverlapName = Literal["queue", "replace", "reject"]


class Backoff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The wait before the next try: `first`, then `factor` times as long each time, at most `most`; give or take `jitter`
    (a part of it, 0.25 is a quarter)."""

    first: str | None = None
    factor: float | None = None
    most: str | None = None
    jitter: float | None = None


class Timeouts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`start`: until the tool has taken the step. `heartbeat`: nothing was heard from it. `total`: of one try."""

    start: str | None = None
    heartbeat: str | None = None
    total: str | None = None


class StepRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of steps. What is not said is as it is one level up."""

    retries: int | None = None
    backoff: str | Backoff | None = None
    timeouts: Timeouts = Timeouts()
    on_timeout: OnTimeout | None = None
    on_exit: OnExit | None = None
    on_unknown: OnUnknown | None = None
    pools: dict[str, int] | None = None
    resources: dict[str, float] | None = None
    priority: int | None = None


class RunRules(StepRules, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of runs, and of all their steps. `steps` refines by tool, `tool/instance`, or `tool/instance/name`."""

    group: str | None = None
    overlap: OverlapName | None = None
    fail_fast: bool | None = None
    max_steps: int | None = None
    steps: dict[str, StepRules] = {}


def read_rules(
    data: dict[str, object],
    located: Located,
    *,
    file: str,
    pools: Mapping[str, int],
    integrations: Iterable[str],
    instances: Iterable[tuple[str, str]],
) -> RunRules:
    """Raises ConfigError with file:line, and the nearest known key."""
    rules = convert_settings(data, RunRules, ("runs",), located, file)
    _Reader(located, file, pools).check(rules, tuple(integrations), tuple(instances))
    return rules


class _Reader:
    def __init__(self, located: Located, file: str, pools: Mapping[str, int]) -> None:
        self._located = located
        self._file = file
        self._pools = pools

    def check(
        self, rules: RunRules, integrations: tuple[str, ...], instances: tuple[tuple[str, str], ...]
    ) -> None:
        if rules.max_steps is not None and rules.max_steps < 1:
            raise self._wrong("max_steps must be at least 1", ("max_steps",))
        self._check_steps(rules, ())
        known = (*integrations, *(f"{tool}/{name}" for tool, name in instances))
        for name, refined in rules.steps.items():
            whose = "/".join(name.split("/")[:2])
            if whose not in known:
                near = nearest_names(whose, known)
                guess = f"; did you mean '{near[0]}'?" if near else ""
                hint = "a tool (airbyte), an instance (airbyte/ingest) or a step of one (airbyte/ingest/shop)"
                raise self._wrong(f"no tool or instance '{whose}'{guess}", ("steps", name), hint)
            self._check_steps(refined, ("steps", name))

    def _check_steps(self, rules: StepRules, path: YamlPath) -> None:
        if rules.retries is not None and rules.retries < 0:
            raise self._wrong("retries cannot be less than 0", (*path, "retries"))
        for name in ("start", "heartbeat", "total"):
            self._check_time(getattr(rules.timeouts, name), (*path, "timeouts", name))
        if isinstance(rules.backoff, Backoff):
            for name in ("first", "most"):
                self._check_time(getattr(rules.backoff, name), (*path, "backoff", name))
            if not 0 <= (rules.backoff.jitter or 0) <= 1:
                raise self._wrong("jitter is a part: from 0 to 1", (*path, "backoff", "jitter"))
            if rules.backoff.factor is not None and rules.backoff.factor < 1:
                raise self._wrong("factor must be at least 1", (*path, "backoff", "factor"))
        else:
            self._check_time(rules.backoff, (*path, "backoff"))
        for pool in rules.pools or ():
            if pool not in self._pools:
                near = nearest_names(pool, self._pools)
                guess = f"; did you mean '{near[0]}'?" if near else ""
                hint = f"name it with its slots: pools: {{{pool}: 2}}"
                raise self._wrong(f"no pool '{pool}'{guess}", (*path, "pools", pool), hint)

    def _check_time(self, text: str | None, path: YamlPath) -> None:
        if text is not None and not seconds_of(text):
            raise self._wrong(f"{text!r} is no length of time", path, f"write {EXAMPLES}")

    def _wrong(self, what: str, path: YamlPath, hint: str | None = None) -> ConfigError:
        whole: YamlPath = ("runs", *path)
        line = self._located.line(whole)
        shown = ".".join(str(part) for part in whole)
        return ConfigError(
            f"{shown}: {what}", where=f"{self._file}:{line}" if line else self._file, hint=hint
        )
