"""The part of penstock.yml that describes one dbt project: `dbt: {<instance>: <DbtConfig>}`. Words only, nothing is looked up."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smh])")
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


class DbtConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One dbt project (`project`), or one that is only seen through its artefacts (`manifest`, `catalog` ...).

    Relative paths start at the folder of penstock.yml. `command` is how dbt is called when it is not found by itself,
    e.g. `[uv, run, dbt]`. `warehouse` names a warehouse of penstock.yml that the artefacts belong to. `hooks`: a project with
    on-run-start/-end hooks is one invocation (auto), or split, with its hooks in each, or start and end hooks in the first
    and the last. `max_invocations`: of one run, failed ones that are tried again not counted.
    `warm`: how long a dbt process that has read the project waits for the next run (`10m`); it ends with its run without it.
    """

    project: str | None = None
    target: str | None = None
    profiles_dir: str | None = None
    profile: str | None = None
    command: list[str] | None = None
    manifest: str | None = None
    catalog: str | None = None
    run_results: str | None = None
    sources: str | None = None
    warehouse: str | None = None
    deps: Literal["auto", "never"] = "auto"
    hooks: Literal["auto", "each", "first_last"] = "auto"
    max_invocations: Annotated[int, msgspec.Meta(ge=1)] = 8
    vars: dict[str, object] = {}
    threads: int | None = None
    warm: str | None = None

    def __post_init__(self) -> None:
        if self.warm is not None and _DURATION.fullmatch(self.warm) is None:
            raise ValueError(f"warm: {self.warm!r} is no duration; write 90s, 10m or 2h")

    @property
    def warm_seconds(self) -> float:
        """How long an idle dbt process is kept for the next run; 0 for not at all."""
        found = _DURATION.fullmatch(self.warm) if self.warm else None
        return float(found[1]) * _UNITS[found[2]] if found else 0.0

    @property
    def artefacts_only(self) -> bool:
        """Whether there is nothing to run: documents are given and no project."""
        return self.project is None and self.manifest is not None
