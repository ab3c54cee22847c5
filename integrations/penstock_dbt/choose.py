"""The dbt to use, made sure of: found (or made), with the adapter that the profile needs, before anything starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, overload

from penstock.errors import ToolMissing
from penstock_dbt.locate import Dbt, Kind, has_adapter, locate
from penstock_dbt.own_dbt import ADAPTERS, provide
from penstock_dbt.profiles import adapter_type
from penstock_dbt.settings import Settings


@overload
def choose(settings: Settings, progress: Callable[[str], None]) -> Dbt: ...
@overload
def choose(settings: Settings, progress: Callable[[str], None], *, make: Literal[False]) -> Dbt | None: ...
def choose(settings: Settings, progress: Callable[[str], None], *, make: bool = True) -> Dbt | None:
    """The user's dbt, else one that penstock makes (or None when it may not). Raises ToolMissing when its adapter is not there."""
    adapter = adapter_type(settings)
    dbt = locate(settings, adapter)
    if dbt is None:
        return provide(settings, adapter, progress) if make or adapter not in ADAPTERS else None
    if dbt.kind is Kind.CLOUD:
        raise ToolMissing(
            f"{dbt.path} is the dbt Cloud CLI, which runs nothing on this machine",
            where=settings.where,
            hint="install dbt-core with your adapter, or set `command:` to a dbt that runs here",
        )
    if not has_adapter(dbt, adapter):
        have = ", ".join(sorted(dbt.adapters or ())) or "none"
        raise ToolMissing(
            f"dbt {dbt.version} ({dbt.path}) has no adapter for '{adapter}', which the profile asks for (it has: {have})",
            where=settings.where,
            hint=f"install dbt-{adapter} beside it, or set `command:` to a dbt that has it",
        )
    return dbt
