"""The part of penstock.yml that describes one dbt project: `dbt: {<instance>: <DbtConfig>}`. Words only, nothing is looked up."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec


class DbtConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One dbt project (`project`), or one that is only seen through its artefacts (`manifest`, `catalog` ...).

    Relative paths start at the folder of penstock.yml. `command` is how dbt is called when it is not found by itself,
    e.g. `[uv, run, dbt]`. `warehouse` names a warehouse of penstock.yml that the artefacts belong to. `hooks`: a project with
    on-run-start/-end hooks is one invocation (auto), or split, with its hooks in each, or start and end hooks in the first
    and the last. `max_invocations`: of one run, failed ones that are tried again not counted.
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
    vars: dict[str, Any] = {}
    threads: int | None = None

    @property
    def artefacts_only(self) -> bool:
        """Whether there is nothing to run: documents are given and no project."""
        return self.project is None and self.manifest is not None
