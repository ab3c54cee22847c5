"""How an integration's steps are run: the step, its attempts, and the runner that the engine calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import msgspec

from penstock.assets import Hold, Window
from penstock.errors import UsageError
from penstock.integration.address import Address, Connection
from penstock.integration.events import StepEvent
from penstock.integration.outcome import Reused
from penstock.integration.warehouse import Warehouse
from penstock.system.redaction import Secrets

C = TypeVar("C")
T = TypeVar("T")


class ItemKind(StrEnum):
    """What a step does with an item: make an asset, or judge it."""

    ASSET = "asset"
    CHECK = "check"


class StepItem(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One thing a step makes or checks, in the tool's own id.

    `remaining`: what an earlier try left to do of it, as `ItemFinished.remaining` told; "" means all of it.
    `window`: only that range of time of it; None is all of it. `anew`: what is there is replaced, not added to.
    """

    id: str
    kind: ItemKind
    remaining: str = ""
    window: Window | None = None
    anew: bool = False


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One unit that a runner runs: a sync, a dbt invocation over many nodes, a check. Names no tool's type.

    `kind` is the producer's kind, or `build` for a batch; `options` are the plan's flags for that tool (full_refresh, vars ...).
    `first` and `last`: of the steps that its batch is shared out to in this run, as far as is known when it is formed.
    `payload` is what the integration wrote into its producer (`ObservedProducer.payload`), where all items have the same.
    """

    id: str
    integration: str
    instance: str
    kind: str
    items: tuple[StepItem, ...]
    holds: tuple[Hold, ...] = ()
    options: dict[str, object] = {}
    first: bool = True
    last: bool = True
    payload: str = ""

    def decoded(self, kind: type[T]) -> T:
        """The payload as the type that the integration wrote it as. Raises UsageError when it is another or none."""
        try:
            return msgspec.json.decode(self.payload, type=kind)
        except msgspec.MsgspecError:
            raise UsageError(
                f"the step {self.id} was planned by another version of {self.integration}",
                hint="penstock refresh, then run again",
            ) from None


class AttemptKey(msgspec.Struct, frozen=True, order=True, array_like=True):
    """One try of a step: the idempotency key of everything that it triggers outside."""

    run: str
    step: str
    attempt: int

    def __str__(self) -> str:
        return f"{self.run}/{self.step}/{self.attempt}"


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """What a runner must remember from before it triggers something (the highest job id so far), to tell later whether it did.

    Committed to the run store before `start`; `remembered` is JSON-able and read by its runner only.
    """

    remembered: dict[str, object] = {}


class Handle(msgspec.Struct, frozen=True, kw_only=True):
    """What is running, so that another process can find it: `external` is JSON-able (process, files, job id).

    `local`: this machine does the work (its children, its threads), so that stopping penstock here stops it. A job on a server
    is not local: it goes on without us.
    """

    attempt: AttemptKey
    local: bool
    external: dict[str, object] = {}


class RunContext(msgspec.Struct, Generic[C], frozen=True, kw_only=True):
    """What a runner is given. `folder(attempt)` is that attempt's own folder (made), for logs and event files.

    `hold(attempt, phase)` waits for the step's resources of that phase and gives them back on exit; those of phase `all`
    are held by the engine around the whole step. `warehouse(name)` is a warehouse of penstock.yml. What an integration finds to
    be secret it adds to `secrets`; `redact` is that of `secrets`.
    """

    project_root: Path
    state_dir: Path
    cache_dir: Path
    instance: str
    config: C
    environment: str
    environ: Mapping[str, str]
    options: Mapping[str, object]
    folder: Callable[[AttemptKey], Path]
    hold: Callable[[AttemptKey, str], AbstractAsyncContextManager[None]]
    warehouse: Callable[[str], Warehouse]
    address: Callable[[Connection], Address]
    connection: Callable[[str], Connection]
    redact: Callable[[str], str]
    secrets: Secrets = msgspec.field(default_factory=Secrets)


AnyRunContext: TypeAlias = RunContext[Any]  # see AnyObserveContext


class Runner(Protocol):
    """How an integration's steps are run. The engine is the only caller; for the order of calls see `penstock.integration`."""

    async def prepare(self, step: Step, attempt: AttemptKey) -> Intent:
        """What must be remembered before the trigger. Called once per attempt, under its leases; triggers nothing."""
        ...

    async def start(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused:
        """Start it, or tell which job of somebody else satisfies it. Idempotent per attempt key. `intent` is committed."""
        ...

    async def find(self, step: Step, attempt: AttemptKey, intent: Intent) -> Handle | Reused | None:
        """What already runs, or has ended, under that key; None when it was certainly never started.

        `intent` is empty when the process ended before `prepare` was committed: then `start` was not called either.
        Raises ToolError when that cannot be told now: it is asked again.
        """
        ...

    def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        """From the beginning to Finished; every item of the step has had its ItemFinished by then."""
        ...

    async def cancel(self, handle: Handle) -> None:
        """Ask it to stop and wait until it has; `events` then ends with outcome CANCELLED (or whatever came first)."""
        ...

    async def close(self, *, detach: bool) -> None:
        """The run is over here. `detach`: what still runs is left to go on; else leave nothing behind."""
        ...


class BaseRunner:
    """What most runners have in common: nothing to remember, nothing to close."""

    async def prepare(self, step: Step, attempt: AttemptKey) -> Intent:
        return Intent()

    async def close(self, *, detach: bool) -> None:
        """Nothing is kept open."""
