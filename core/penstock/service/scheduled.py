"""What schedules make, and when: what is to come, and what has begun. For promises, which look ahead. Starts nothing."""

from __future__ import annotations

from collections.abc import Callable

from penstock.assets import AssetKey
from penstock.automation import Covering, Schedule, read_schedules
from penstock.errors import SelectionError, UnknownAsset, UsageError
from penstock.service.choose import choose
from penstock.service.observe import GraphView
from penstock.service.unattended import Command
from penstock.service.workspace import Workspace
from penstock.store import RunStore, TickState

CommandOf = Callable[[Schedule], Command]


def covering(
    workspace: Workspace, seen: GraphView, command_of: CommandOf
) -> list[tuple[str, Callable[[float], float | None], frozenset[AssetKey]]]:
    """What each schedule makes. One whose selection selects nothing now makes nothing."""
    found = []
    for schedule in read_schedules(workspace.project):
        asked = command_of(schedule).asked
        try:
            assets = choose(workspace, seen, asked.include, asked.exclude, asked.selector).assets
        except (SelectionError, UnknownAsset, UsageError):
            continue
        chosen = frozenset(seen.graph.assets) if assets is None else assets
        found.append((schedule.name, _due_after(schedule), chosen))
    return found


def under_way(store: RunStore, workspace: Workspace, ahead: Covering, now: float) -> Covering:
    """What schedules make whose time has come: since that time where it has begun, else from now on."""
    begun: dict[str, float] = {}
    for tick in store.automation(workspace.project.environment).open_ticks():
        start = min(tick.at, now) if tick.state is TickState.RUNNING else now
        begun[tick.schedule] = min(start, begun.get(tick.schedule, now))

    def since(name: str) -> Callable[[float], float | None]:
        return lambda at: begun[name] if at <= now else None

    return tuple((name, since(name), assets) for name, _, assets in ahead if name in begun)


def _due_after(schedule: Schedule) -> Callable[[float], float | None]:
    def after(at: float) -> float | None:
        following = next(schedule.due_after(at), None)
        return following[1] if following else None

    return after
