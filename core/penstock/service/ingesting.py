"""What was made outside penstock: seen in the tools' own results, or brought in from elsewhere. Starts nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from penstock import registry
from penstock.assets import AssetKey, ObservedMaterialization
from penstock.errors import UsageError
from penstock.graph import AssetGraph
from penstock.integration import Ingesting
from penstock.service.observe import GraphView
from penstock.service.workspace import Workspace

if TYPE_CHECKING:
    from penstock.store import RunStore

# What a record of the store and an observed one have in common, beside whom they are about.
_TOLD = ("at", "status", "by", "rows", "message", "seconds")


def latest_outside(
    workspace: Workspace, graph: AssetGraph, store: RunStore | None
) -> Mapping[AssetKey, ObservedMaterialization]:
    """The newest of each asset and check, from what the tools' results say now and what the store was told."""
    found = dict(graph.outside)
    if store is not None:
        for key, record in store.latest_outside(workspace.project.environment).items():
            if key not in found or found[key].at < record.at:
                told = {name: getattr(record, name) for name in _TOLD}
                found[key] = ObservedMaterialization(id=key.name, **told)
    return found


def remember(workspace: Workspace, store: RunStore, made: Mapping[AssetKey, ObservedMaterialization]) -> None:
    """Keep it in the store: a tool's own results are overwritten by its next run."""
    from penstock.store import OutsideRecord

    environment = workspace.project.environment
    store.record_outside(
        OutsideRecord(environment=environment, asset=key, **{name: getattr(one, name) for name in _TOLD})
        for key, one in made.items()
    )


class Ingested(msgspec.Struct, frozen=True, kw_only=True):
    """What artefacts told. `unknown` are ids that no instance here has, `elsewhere` those made in another target."""

    format: int = 1
    instance: str
    path: str
    assets: int
    checks: int
    newest_at: str | None
    unknown: tuple[str, ...]
    elsewhere: tuple[str, ...]


def ingest(workspace: Workspace, seen: GraphView, path: Path, instance: str | None) -> Ingested:
    """Learn from the artefacts at `path` (a file or folder) what was made elsewhere, in this environment's target.

    Raises UsageError where it is not clear which project they are of, DocumentError for what cannot be read.
    """
    from penstock.service.explore import iso
    from penstock.store import open_store

    integration, name = _instance(workspace, instance)
    tool = registry.integration(integration)
    assert isinstance(tool, Ingesting)
    told = tool.ingest(workspace.context(integration, name, may_call=False), path)
    keys = _keys(seen.graph, integration, name)
    known = {
        keys[one.id]: one for one in sorted(told.materializations, key=lambda one: one.at) if one.id in keys
    }
    store = open_store(workspace.project.store_url(), root=workspace.project.root)
    try:
        remember(workspace, store, known)
    finally:
        store.close()
    checks = sum(key in seen.graph.checks for key in known)
    newest = max((one.at for one in known.values()), default=None)
    return Ingested(
        instance=f"{integration}/{name}",
        path=str(path),
        assets=len(known) - checks,
        checks=checks,
        newest_at=iso(newest) if newest is not None else None,
        unknown=tuple(sorted({one.id for one in told.materializations} - keys.keys())),
        elsewhere=told.elsewhere,
    )


def _instance(workspace: Workspace, wanted: str | None) -> tuple[str, str]:
    able = [
        (integration, name)
        for integration, name in workspace.project.instances
        if isinstance(registry.integration(integration), Ingesting)
    ]
    chosen = [one for one in able if wanted in (None, one[1], f"{one[0]}/{one[1]}")]
    if len(chosen) == 1:
        return chosen[0]
    names = ", ".join(f"{integration}/{name}" for integration, name in able)
    if not able:
        raise UsageError("nothing in this project reads artefacts", hint="add a dbt project to penstock.yml")
    if wanted is not None:
        raise UsageError(f"no instance '{wanted}' reads artefacts here", hint=f"there are: {names}")
    raise UsageError("several instances read artefacts", hint=f"say which with --instance: {names}")


def _keys(graph: AssetGraph, integration: str, instance: str) -> dict[str, AssetKey]:
    keys = {
        ref.id: asset.key
        for asset in graph.assets.values()
        for ref in asset.seen_by
        if (ref.integration, ref.instance) == (integration, instance)
    }
    for check in graph.checks.values():
        if (check.seen_by.integration, check.seen_by.instance) == (integration, instance):
            keys[check.seen_by.id] = check.key
    return keys
