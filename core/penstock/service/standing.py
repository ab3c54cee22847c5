"""How automation sees an asset, now or then, and a person's word on what it holds back. Starts nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import msgspec

from penstock.assets import AssetKey
from penstock.automation.evaluate import HELD
from penstock.errors import UsageError
from penstock.service.choose import choose
from penstock.service.deciding import decision, has_policies
from penstock.service.history import reading_store
from penstock.service.observe import look
from penstock.service.scheduled import CommandOf
from penstock.service.workspace import Workspace
from penstock.service.world import released_rows
from penstock.store import DecisionRow, open_store


class AutomationView(msgspec.Struct, frozen=True, kw_only=True):
    """One reason, one next time, and what would change it. `since`: when the daemon saw it so first; None: it has not."""

    name: str
    code: str
    reason: str
    next_at: float | None = None
    otherwise: str = ""
    line: str = ""
    since: float | None = None
    snapshot: str = ""


class Standings(msgspec.Struct, frozen=True, kw_only=True):
    """Of every asset: as it is decided now, and as the daemon recorded it last."""

    now: dict[AssetKey, DecisionRow]
    recorded: dict[AssetKey, DecisionRow]


def standings(workspace: Workspace, command_of: CommandOf) -> Standings | None:
    """None where no policy acts. Raises ConfigError."""
    if not has_policies(workspace):
        return None
    store = open_store(workspace.project.store_url(), root=workspace.project.root)
    try:
        found = decision(workspace, store, command_of, {})
        recorded = store.decisions(workspace.project.environment).latest()
    finally:
        store.close()
    return Standings(now=found.rows(), recorded=recorded)


def standing(
    workspace: Workspace, command_of: CommandOf, name: str, now: Callable[[], Standings | None] | None = None
) -> AutomationView | None:
    """As it is decided now; None where no policy acts. `now`: for who holds what is new enough. Raises UnknownAsset, ConfigError."""
    graph = look(workspace).graph
    key = graph.names.find(name).key
    found = now() if now is not None else standings(workspace, command_of)
    row = found.now.get(key) if found is not None else None
    if found is None or row is None:
        return None
    known = found.recorded.get(key)
    since = known.at if known is not None and known.reason == row.reason else None
    return _view(graph.names.shown(key), row, since)


def standing_then(workspace: Workspace, name: str, at: float) -> AutomationView:
    """As the daemon saw it at that time. Raises UsageError when nothing was recorded until then."""
    graph = look(workspace).graph
    key = graph.names.find(name).key
    with reading_store(workspace) as store:
        rows = store.decisions(workspace.project.environment).latest(until=at) if store is not None else {}
    if key not in rows:
        raise UsageError(
            f"no decision of automation about {graph.names.shown(key)} is recorded until then",
            hint="they are recorded by `penstock up`",
        )
    return _view(graph.names.shown(key), rows[key], rows[key].at)


def _view(name: str, row: DecisionRow, since: float | None) -> AutomationView:
    return AutomationView(
        name=name,
        code=row.code,
        reason=row.reason,
        next_at=row.until,
        otherwise=row.otherwise,
        line=row.line,
        since=since,
        snapshot=row.snapshot,
    )


def release(workspace: Workspace, include: tuple[str, ...], by: str) -> list[str]:
    """Let what is held be tried again: all of it, or what is selected. The names of what was released."""
    seen = look(workspace)
    store = open_store(workspace.project.store_url(), root=workspace.project.root)
    try:
        decisions = store.decisions(workspace.project.environment)
        held: Iterable[AssetKey] = [
            key for key, row in decisions.latest().items() if row.code in HELD or row.code == "retry"
        ]
        if include:
            chosen = choose(workspace, seen, include).assets
            held = [key for key in held if chosen is None or key in chosen]
        known = [key for key in held if key in seen.graph.assets]
        decisions.write(released_rows(known, time.time(), by))
    finally:
        store.close()
    return sorted(seen.graph.names.shown(key) for key in known)
