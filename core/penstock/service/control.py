"""How a run is to behave, from three places: what is usual, the `runs` part of penstock.yml, and the command line."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from penstock.assets import Hold
from penstock.errors import UsageError
from penstock.plan import Plan
from penstock.project.runs import Backoff, RunRules, StepRules
from penstock.run import Overlap, RemoteJob, RunPolicy, StepPolicy
from penstock.run.forming import slug
from penstock.system.durations import EXAMPLES, seconds_of


class Control(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was typed about a run itself. It wins over penstock.yml, is kept with the run, and holds when that is resumed
    or retried. `timeout` is the total of one try of a step."""

    retries: int | None = None
    timeout: str | None = None
    on_timeout: str | None = None
    on_exit: str | None = None
    group: str | None = None
    overlap: str | None = None
    max_steps: int | None = None

    def over(self, former: Control) -> Control:
        """Both; what is said here wins."""
        said = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        return msgspec.structs.replace(former, **said)

    @property
    def rules(self) -> StepRules:
        return msgspec.convert(
            {
                "retries": self.retries,
                "timeouts": {"total": self.timeout},
                "on_timeout": self.on_timeout,
                "on_exit": self.on_exit,
            },
            StepRules,
        )


def attached(plan: Plan, said: Control, rules: RunRules) -> Plan:
    """The plan with what was typed now and, where nothing was, when it was first made. Raises UsageError."""
    control = _checked(said.over(msgspec.convert(plan.control, Control)), rules)
    return msgspec.structs.replace(plan, control=msgspec.to_builtins(control))


def _checked(control: Control, rules: RunRules) -> Control:
    if control.timeout is not None and not seconds_of(control.timeout):
        raise UsageError(f"--timeout {control.timeout!r} is no length of time", hint=f"write {EXAMPLES}")
    if control.overlap is not None and control.group is None and rules.group is None:
        raise UsageError(
            f"--overlap {control.overlap} needs a group of runs that may not overlap",
            hint="name it: --group nightly, or runs: {group: nightly} in penstock.yml",
        )
    return control


def policy_of(rules: RunRules, control: Control, *, fail_fast: bool) -> RunPolicy:
    """Of one run. What refines more wins, and what was typed wins over all."""
    base = _laid_over(StepPolicy(), rules)
    # The shorter names first: what is said of an instance stands on what is said of its tool.
    refined: dict[str, StepPolicy] = {}
    for name in sorted(rules.steps, key=lambda name: name.count("/")):
        parts = name.split("/")
        above = (refined.get("/".join(parts[:count])) for count in (2, 1) if count < len(parts))
        refined[name] = _laid_over(next((policy for policy in above if policy), base), rules.steps[name])
    return RunPolicy(
        step=_laid_over(base, control.rules),
        steps={
            slug(name) if name.count("/") > 1 else name: _laid_over(policy, control.rules)
            for name, policy in refined.items()
        },
        fail_fast=fail_fast or bool(rules.fail_fast),
        max_steps=control.max_steps or rules.max_steps,
        group=control.group or rules.group,
        overlap=Overlap(control.overlap or rules.overlap or Overlap.QUEUE.value),
    )


def resources_of(rules: RunRules, integrations: Iterable[str]) -> dict[str, dict[str, float]]:
    """What a Dask worker must have to be sent a step, by tool or instance."""
    everywhere = dict(rules.resources or {})
    found = {name: everywhere for name in integrations if everywhere}
    return {**found, **{name: dict(step.resources) for name, step in rules.steps.items() if step.resources}}


def _laid_over(policy: StepPolicy, rules: StepRules) -> StepPolicy:
    backoff = rules.backoff if isinstance(rules.backoff, Backoff) else Backoff(first=rules.backoff)
    said: dict[str, object] = {
        "attempts": None if rules.retries is None else rules.retries + 1,
        "delay": _seconds(backoff.first),
        "factor": backoff.factor,
        "max_delay": _seconds(backoff.most),
        "jitter": backoff.jitter,
        "start_timeout": _seconds(rules.timeouts.start),
        "heartbeat_timeout": _seconds(rules.timeouts.heartbeat),
        "total_timeout": _seconds(rules.timeouts.total),
        "on_timeout": None if rules.on_timeout is None else RemoteJob(rules.on_timeout),
        "on_exit": None if rules.on_exit is None else RemoteJob(rules.on_exit),
        "again_if_unknown": None if rules.on_unknown is None else rules.on_unknown == "again",
        "holds": None
        if rules.pools is None
        else tuple(Hold(name, slots=n) for name, n in rules.pools.items()),
        "priority": rules.priority,
    }
    return msgspec.structs.replace(
        policy, **{name: value for name, value in said.items() if value is not None}
    )


def _seconds(text: str | None) -> float | None:
    return None if text is None else seconds_of(text)
