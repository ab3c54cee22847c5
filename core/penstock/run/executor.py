"""Where steps are run: here, or on a cluster. An executor holds no state: what it forgets, the run store knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import msgspec

from penstock.errors import ConfigError
from penstock.integration import Runner
from penstock.run.runner_pool import FolderFn, HoldFn


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """How a runner is made on another machine: `factory` ("module:function") is called there with `settings`, the
    integration, the instance, and that machine's hold and folder functions. `settings` is JSON-able and holds no secret."""

    factory: str
    settings: dict[str, Any]


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


def executor(address: str, remote: Remote, resources: dict[str, dict[str, float]] | None = None) -> Executor:
    """`local`, or `dask://host:port`. `resources` are Dask's, per integration, `integration/instance` or step kind."""
    refuse_unknown(address)
    if address == "local":
        return LocalExecutor()
    from penstock.run.dask import DaskExecutor  # distributed is 0.4 s of import, and an extra

    return DaskExecutor(address, remote, resources or {})


def refuse_unknown(address: str) -> None:
    """Raises ConfigError for what names no executor."""
    if address == "local" or address.startswith("dask://"):
        return
    raise ConfigError(f"no executor {address!r}", hint="local, or dask://host:8786")
