"""Names for the shell to complete, from what is known on disk. Calls no tool, and says nothing when it cannot tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from penstock.service.observe import GraphView
    from penstock.service.workspace import Workspace

_OPERATORS = "+@0123456789"
_RUNS = 30
Words = Callable[["Workspace"], Iterable[str]]


def asset_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Every asset whose shortest name goes on from what was typed; graph operators before it stay."""
    begun, comma, last = incomplete.rpartition(",")
    name = last.lstrip(_OPERATORS)
    lead = begun + comma + last[: len(last) - len(name)]
    return [lead + found for found in _known(ctx, _names) if found.startswith(name)]


def asset_columns(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Assets; of the one whose name stands before the last point its columns, too."""
    return [
        *(found for found in _known(ctx, _names) if found.startswith(incomplete)),
        *(
            found
            for found in _known(ctx, lambda workspace: _columns(workspace, incomplete))
            if found.startswith(incomplete)
        ),
    ]


def complete(command: click.Command) -> None:
    """Give each parameter that the shell may ask about, and that says nothing of its own, the words of its kind."""
    for param in command.params:
        words = _BY_METAVAR.get(param.metavar or "") or _BY_ARGUMENT.get(
            param.name or "" if isinstance(param, click.Argument) else ""
        )
        if words is not None and type(param.type) is type(click.STRING):
            param.type = _Said(words)
    for one in getattr(command, "commands", {}).values():
        complete(one)


class _Said(click.types.StringParamType):
    """A text of which the shell is told how it may go on: one of `words`, or a file or folder of its own finding."""

    def __init__(self, words: Words | str) -> None:
        self._words = words

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        if isinstance(self._words, str):
            return [CompletionItem(incomplete, type=self._words)]
        return [CompletionItem(word) for word in _known(ctx, self._words) if word.startswith(incomplete)]


def _known(ctx: click.Context, words: Words) -> list[str]:
    from penstock.errors import PenstockError
    from penstock.service.workspace import open_workspace

    given = {**(ctx.find_root().params or {}), **{k: v for k, v in ctx.params.items() if v is not None}}
    try:
        workspace = open_workspace(Path(given.get("directory") or "."), environment=given.get("environment"))
        return list(words(workspace))
    except (PenstockError, OSError):
        return []


def _seen(workspace: Workspace) -> GraphView:
    from penstock.service.observe import look

    return look(workspace, refresh=False, may_call=False)


def _names(workspace: Workspace) -> Iterable[str]:
    return (row.name for row in _seen(workspace).graph.rows)


def _columns(workspace: Workspace, begun: str) -> Iterable[str]:
    graph = _seen(workspace).graph
    asset = begun.rpartition(".")[0]
    key = next((key for key in graph.order if asset and graph.names.shown(key) == asset), None)
    return (f"{asset}.{column.name}" for column in (graph.columns(key) if key is not None else ()))


def _environments(workspace: Workspace) -> Iterable[str]:
    return dict.fromkeys(("dev", *workspace.project.document.environments))


def _resource_types(workspace: Workspace) -> Iterable[str]:
    graph = _seen(workspace).graph
    return sorted({asset.resource_type for asset in graph.assets.values()})


def _runs(workspace: Workspace) -> Iterable[str]:
    from penstock.service.inspect import runs

    return (str(run.number) for run in runs(workspace, _RUNS))


def _connections(workspace: Workspace) -> Iterable[str]:
    """By their name, or as they are told apart: `instance/name`."""
    graph = _seen(workspace).graph
    made = {asset.producer for asset in graph.assets.values() if asset.producer is not None}
    found = {(one.instance, one.id) for one in made if one.integration == "airbyte"}
    return sorted({words for instance, name in found for words in (name, f"{instance}/{name}")})


def _schedules(workspace: Workspace) -> Iterable[str]:
    return (one.name for one in workspace.project.document.schedules)


_BY_METAVAR: Mapping[str, Words | str] = {
    "ENV": _environments,
    "DIR": "dir",
    "FILE": "file",
    "TYPE": _resource_types,
    "RUN": _runs,
    "[RUN]": _runs,
    "CONNECTION": _connections,
}
_BY_ARGUMENT: Mapping[str, Words | str] = {
    "run": _runs,
    "asset": _names,
    "connection": _connections,
    "schedule": _schedules,
    "base": _environments,
    "path": "dir",
}
