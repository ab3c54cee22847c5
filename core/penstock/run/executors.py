"""The executor that an address names."""

from __future__ import annotations

from penstock.errors import ConfigError
from penstock.run.executor import Executor, LocalExecutor, Remote


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
