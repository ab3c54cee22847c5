"""An integration's runner made for a run: here, or by a worker on another machine that sees the same project folder."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from penstock import registry
from penstock.integration import Handle, RunContext, Runner, StepEvent, understood
from penstock.plan import Plan
from penstock.run import FolderFn, HoldFn
from penstock.service.workspace import Workspace, open_workspace


def make_runner(
    workspace: Workspace,
    options: Mapping[str, object],
    integration: str,
    instance: str,
    hold: HoldFn,
    folder: FolderFn,
) -> Runner | None:
    """Raises ConfigError, MissingVariable when the instance's settings cannot be resolved here."""
    context = run_context(workspace, options, integration, instance, hold, folder)
    return registry.integration(integration).runner(context)


def run_context(
    workspace: Workspace,
    options: Mapping[str, object],
    integration: str,
    instance: str,
    hold: HoldFn,
    folder: FolderFn,
) -> RunContext[object]:
    """What an instance is given to run, or to be handled by hand. Raises ConfigError, MissingVariable."""
    return RunContext(
        project_root=workspace.project.root,
        state_dir=workspace.state_dir,
        cache_dir=workspace.cache_dir,
        instance=instance,
        config=workspace.settings(integration, instance),
        environment=workspace.project.environment,
        environ=workspace.environ,
        options=understood(options, registry.integration(integration).options),
        folder=folder,
        hold=hold,
        warehouse=workspace.warehouse,
        address=workspace.address,
        connection=workspace.connection,
        redact=workspace.project.redact,
        secrets=workspace.project.secrets,
    )


def settings_for_elsewhere(workspace: Workspace, plan: Plan) -> dict[str, object]:
    """What another machine needs to open this project: no secret, only where it lies and how it was planned."""
    return {
        "directory": str(workspace.project.root),
        "runs": str(workspace.state_dir / "runs"),
        "environment": workspace.project.environment,
        "options": workspace.options,
        "plan_options": plan.options,
    }


def elsewhere(
    settings: Mapping[str, Any], integration: str, instance: str, hold: HoldFn, folder: FolderFn
) -> Runner | None:
    """On a worker: the project opened from the folder that both machines see, secrets from the worker's own environment."""
    workspace = open_workspace(
        Path(settings["directory"]), environment=settings["environment"], options=settings["options"]
    )
    options = settings["plan_options"].get(f"{integration}/{instance}", {})
    runner = make_runner(workspace, options, integration, instance, hold, folder)
    return None if runner is None else _Redacted(runner, workspace.project.redact)


class _Redacted:
    """A runner whose secrets only this worker knows: what it tells is redacted before it leaves the machine."""

    def __init__(self, runner: Runner, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self._events = runner.events
        self.prepare, self.start, self.find = runner.prepare, runner.start, runner.find
        self.cancel, self.close = runner.cancel, runner.close

    async def events(self, handle: Handle) -> AsyncIterator[StepEvent]:
        async for event in self._events(handle):
            message = getattr(event, "message", None)
            yield msgspec.structs.replace(event, message=self._redact(message)) if message else event
