"""A connection handled by hand: which one is meant, whether a run has it, and what is asked of its integration."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from penstock import registry
from penstock.assets import AssetKey, ToolRef
from penstock.errors import UsageError, nearest_names
from penstock.integration import (
    AttemptKey,
    ByHand,
    Cleared,
    Diagnosis,
    ObserveContext,
    OfferedStream,
    RunContext,
)
from penstock.plan import Plan, Request, make_plan
from penstock.service.branches import refuse_loading
from penstock.service.history import last_made, reading_store
from penstock.service.observe import GraphView, look
from penstock.service.planning import refuse_cycle, refused, step_options
from penstock.service.runners import run_context
from penstock.service.workspace import Workspace

_OPEN = ("queued", "running", "stopping", "detached")


class Connection:
    """One connection of the project, found by its name, or by `instance/name` where two instances have that name."""

    def __init__(self, workspace: Workspace, integration: str, name: str) -> None:
        self._workspace = workspace
        self._integration = integration
        found = registry.integration(integration)
        assert isinstance(found, ByHand)
        self._hand = found
        known = {
            f"{instance}/{one}": (instance, one)
            for kind, instance in workspace.project.instances
            if kind == integration
            for one in found.connections(self._context(instance))
        }
        meant = [place for shown, place in known.items() if name in (shown, place[1])]
        if len(meant) != 1:
            raise _unclear(name, meant, list(known))
        self.instance, self.name = meant[0]

    def check(self) -> Diagnosis:
        return self._hand.check(self._context(self.instance), self.name)

    def discover(self) -> tuple[OfferedStream, ...]:
        return self._hand.discover(self._context(self.instance), self.name)

    def state(self) -> object:
        """As JSON values."""
        return msgspec.json.decode(self._hand.state(self._running(), self.name))

    def set_state(self, data: bytes) -> None:
        refuse_loading(self._workspace)
        self._refuse_running()
        self._hand.set_state(self._running(), self.name, data)

    def clear(self, streams: Sequence[str]) -> tuple[Cleared, ...]:
        refuse_loading(self._workspace)
        self._refuse_running()
        return self._hand.clear(self._running(), self.name, streams)

    def refresh(self, streams: Sequence[str]) -> tuple[GraphView, Plan]:
        """The plan of a run of this connection that reads these streams (none given: all) from their beginning."""
        workspace = self._workspace
        refuse_loading(workspace)
        seen = look(workspace, may_call=True)
        refuse_cycle(seen.graph)
        items = self._hand.items(self._running(), self.name, streams)
        ref = ToolRef(self._integration, self.instance, self.name)
        wanted = frozenset(key for key, asset in seen.graph.assets.items() if asset.producer == ref)
        reasons = dict.fromkeys(self._keys(seen, items), "read from its beginning: asked for by hand")
        options = step_options(workspace, {})
        mine = f"{self._integration}/{self.instance}"
        options[mine] = {**options.get(mine, {}), **self._hand.from_scratch(items)}
        request = Request(
            environment=workspace.project.environment,
            assets=wanted,
            selection=f"connection:{self.name}",
            options=options,
            reasons=reasons,
        )
        return seen, make_plan(seen.graph, request, last_made(workspace, seen.graph), refused)

    def _keys(self, seen: GraphView, items: Sequence[str]) -> list[AssetKey]:
        refs = {ToolRef(self._integration, self.instance, item) for item in items}
        return [key for key, asset in seen.graph.assets.items() if refs.intersection(asset.seen_by)]

    def _refuse_running(self) -> None:
        """A sync that goes on would write its own state over what is set here."""
        unit = str(ToolRef(self._integration, self.instance, self.name))
        with reading_store(self._workspace) as store:
            for run in store.runs(limit=None, states=_OPEN) if store else ():
                assert store is not None
                if any(item.unit == unit and not item.state.ended for item in store.detail(run.id).items):
                    raise UsageError(
                        f"run {run.number} is syncing {self.name}, or was left while it did",
                        hint=f"penstock runs {run.number}; go on with it, or: penstock cancel {run.number}",
                    )

    def _context(self, instance: str) -> ObserveContext[object]:
        return self._workspace.context(self._integration, instance, may_call=True, max_age=0.0)

    def _running(self) -> RunContext[object]:
        folder = self._workspace.state_dir
        return run_context(
            self._workspace, {}, self._integration, self.instance, _unheld, lambda attempt: _none(folder)
        )


def _none(folder: Path) -> Path:
    return folder


@asynccontextmanager
async def _unheld(attempt: AttemptKey, phase: str) -> AsyncIterator[None]:
    yield


def _unclear(name: str, meant: list[tuple[str, str]], known: list[str]) -> UsageError:
    if meant:
        places = ", ".join("/".join(place) for place in meant)
        return UsageError(f"'{name}' names {len(meant)} connections", hint=f"one of: {places}")
    near = nearest_names(name, [shown.partition("/")[2] for shown in known], limit=1)
    guess = f"; did you mean '{near[0]}'?" if near else ""
    return UsageError(
        f"no connection '{name}'{guess}", hint="that run here: " + (", ".join(sorted(known)) or "none")
    )
