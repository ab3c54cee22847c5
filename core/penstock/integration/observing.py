"""What an integration is given to look around, and what it says besides an observation."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from penstock.assets import Finding, Observation, ObservedMaterialization
from penstock.integration.address import Address, Connection
from penstock.system.redaction import Secrets

C = TypeVar("C")


class ObserveContext(msgspec.Struct, Generic[C], frozen=True, kw_only=True):
    """What an integration is given to look around. `config` is its validated part of penstock.yml (its `config` type).

    `may_call`: tools may be started and networks asked (refresh, plan, run); else only files are read.
    `address` tells where a connection leads; `connection` gives a warehouse of penstock.yml by name.
    `max_age`: how old, in seconds, an answer may be that a tool gave before and that may have changed since without a trace.
    `environ` is what `${VAR}` and the tools see; `progress` shows one short line to who waits.
    `used`: for a warehouse, the (database, schema) that the other tools speak of; None where they speak of none, or were not asked.
    `worked`: for a warehouse, whether a run has worked in it since it was asked last.
    `hold` keeps records that are needed no more until a short command ends: to take many apart takes as long as to print what they say.
    `afresh`: definitions are wanted as if nothing had been made yet, so that two versions are compared like with like.
    """

    project_root: Path
    state_dir: Path  # .penstock
    cache_dir: Path  # per user: ~/.cache/penstock
    instance: str
    config: C
    environment: str
    may_call: bool
    environ: Mapping[str, str]
    options: Mapping[str, object]  # target, vars and the like from the command line
    address: Callable[[Connection], Address]
    connection: Callable[[str], Connection]
    progress: Callable[[str], None]
    max_age: float = 600.0
    hold: Callable[[object], None] = lambda records: None
    afresh: bool = False
    used: frozenset[tuple[str, str]] | None = None
    worked: bool = False
    secrets: Secrets = msgspec.field(default_factory=Secrets)  # what is found to be secret is added to it


# Who holds integrations of many kinds cannot say the type of each one's `config`; the integration itself does.
AnyObserveContext: TypeAlias = ObserveContext[Any]


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `doctor`. `hint` says how to mend what is not ok; `unchecked` what an ok does not speak of."""

    subject: str
    ok: bool
    message: str
    hint: str | None = None
    unchecked: str | None = None


class IngestResult(msgspec.Struct, frozen=True, kw_only=True):
    """What artefacts from elsewhere tell. `elsewhere`: ids of what was made in another place than this instance's target."""

    materializations: tuple[ObservedMaterialization, ...]
    elsewhere: tuple[str, ...] = ()


def not_asked(integration: str, instance: str, source: str, message: str) -> Observation:
    """What is observed before a call was allowed: nothing, and a finding that says so. It ages, so that the next call asks."""
    finding = Finding(code="not-observed", message=message, source=source, hint="penstock refresh")
    return Observation(
        integration=integration,
        instance=instance,
        taken_at=time.time(),
        findings=(finding,),
        ages=True,
        stale="not asked yet",
    )
