"""What an executor is: where steps are run. It holds no state: what it forgets, the run store knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from penstock.integration import Runner
from penstock.run.runner_pool import FolderFn, HoldFn


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """How a runner is made on another machine: `factory` ("module:function") is called there with `settings`, the
    integration, the instance, and that machine's hold and folder functions. `settings` is JSON-able and holds no secret."""

    factory: str
    settings: dict[str, object]


class Executor(Protocol):
    """Gives the runner that the engine talks to. One per run."""

    def runner(
        self,
        integration: str,
        instance: str,
        hold: HoldFn,
        folder: FolderFn,
        local: Callable[[], Runner | None],
    ) -> Runner | None:
        """`local` makes the integration's own runner in this process."""
        ...


class LocalExecutor:
    """Everything in this process, its threads and its children."""

    def runner(
        self,
        _integration: str,
        _instance: str,
        _hold: HoldFn,
        _folder: FolderFn,
        local: Callable[[], Runner | None],
    ) -> Runner | None:
        return local()
