"""Tables that nobody here makes: when their data changed last, as far as their warehouse tells without reading them.

A warehouse that has versions and no times is compared with the look before: what differs is at least as new as that look.
"""

from __future__ import annotations

import time
from pathlib import Path

import msgspec

from penstock.assets import AssetKey, AssetKind, Relation
from penstock.errors import PenstockError
from penstock.graph import AssetGraph
from penstock.integration import Freshness, Signal, Sleeping, TableState, Warehouse
from penstock.service.workspace import Workspace
from penstock.system.files import private_folder, write_private

_MOST = 1000  # tables of a warehouse that are asked for
# Where a time is that of the table, and not of the file or of upkeep.
_TIMED = frozenset({Signal.COMMIT, Signal.HISTORY, Signal.NEWEST_ROW, Signal.LAST_ALTERED})


class _Look(msgspec.Struct, frozen=True, array_like=True):
    """What was seen of a table, and when (epoch seconds)."""

    version: str
    at: float


Looks = dict[str, _Look]


def watch(workspace: Workspace, graph: AssetGraph) -> list[str]:
    """Ask the warehouses, and keep in the store what has changed. Sentences about those that could not be asked."""
    file = workspace.state_dir / "arrivals" / f"{workspace.project.environment}.msgpack"
    looks, silent = _load(file), []
    arrived: dict[AssetKey, tuple[float, Signal]] = {}
    for name in workspace.catalogs():
        warehouse = workspace.warehouse_of(workspace.connection(name))
        if warehouse is None or not isinstance(warehouse, Freshness):
            continue
        wanted = sources(graph, warehouse.address.namespace)
        try:
            asleep = _asleep(warehouse) if wanted else None
            states = {} if asleep or not wanted else warehouse.states([relation for _, relation in wanted])
        except PenstockError as error:
            asleep, states = error.what, {}
        silent += [f"{name}: {asleep}"] if asleep else []
        for key, relation in wanted:
            state = states.get(relation)
            at = changed(state, looks, str(key)) if state is not None else None
            if state is not None and at is not None:
                arrived[key] = at, state.signal
    private_folder(file.parent)
    write_private(file, msgspec.msgpack.encode(looks))
    _remember(workspace, arrived)
    return silent


def _remember(workspace: Workspace, arrived: dict[AssetKey, tuple[float, Signal]]) -> None:
    from penstock.store import OutsideRecord, open_store

    if not arrived:
        return
    store = open_store(workspace.project.store_url(), root=workspace.project.root)
    try:
        store.record_outside(
            OutsideRecord(
                environment=workspace.project.environment,
                asset=key,
                at=at,
                status="success",
                by=f"somebody else, seen by {signal.value.replace('_', ' ')}",
            )
            for key, (at, signal) in arrived.items()
        )
    finally:
        store.close()


def sources(graph: AssetGraph, namespace: str) -> list[tuple[AssetKey, Relation]]:
    """Tables of the warehouse that nobody here makes and somebody here reads."""
    found = []
    for key, readers in graph.downstream.items():
        asset = graph.assets[key] if readers and key.namespace == namespace else None
        if asset is not None and asset.relation and asset.producer is None and asset.kind is AssetKind.TABLE:
            found.append((key, asset.relation))
    return sorted(found, key=lambda one: one[0])[:_MOST]


def changed(state: TableState, looks: Looks, name: str) -> float | None:
    """When the data became what it is, at the latest; None where that is not known. Keeps the look."""
    before, version = looks.get(name), None if state.version is None else state.version.value
    if version is not None:
        looks[name] = _Look(version, time.time())
    if state.changed_at is not None and state.signal in _TIMED:
        return state.changed_at
    return before.at if before is not None and version is not None and before.version != version else None


def _asleep(warehouse: Warehouse) -> str | None:
    return warehouse.asleep() if isinstance(warehouse, Sleeping) else None


def _load(file: Path) -> Looks:
    try:
        return msgspec.msgpack.decode(file.read_bytes(), type=Looks)
    except (OSError, msgspec.MsgspecError):
        return {}
