"""The compiled SQL of some assets and checks, from whoever makes them. Follows no column."""

from __future__ import annotations

from collections.abc import Iterable

from penstock import registry
from penstock.assets import AssetKey, DefinitionStatus
from penstock.graph import AssetGraph
from penstock.integration import Defining
from penstock.service.workspace import Workspace


def compiled_texts(
    workspace: Workspace, graph: AssetGraph, wanted: Iterable[AssetKey], *, may_call: bool = False
) -> dict[AssetKey, tuple[str, str]]:
    """The compiled SQL and its dialect, from what builds have left; with `may_call` the rest is compiled by its tool."""
    by_instance: dict[tuple[str, str], dict[str, AssetKey]] = {}
    for key in wanted:
        ref = graph.assets[key].producer if key in graph.assets else graph.checks[key].seen_by
        if ref is not None:
            by_instance.setdefault((ref.integration, ref.instance), {})[ref.id] = key
    found: dict[AssetKey, tuple[str, str]] = {}
    for (integration, instance), keys in by_instance.items():
        tool = registry.integration(integration)
        if isinstance(tool, Defining):
            context = workspace.context(integration, instance, may_call=may_call)
            for one in tool.definitions(context, frozenset(keys)):
                if one.status is DefinitionStatus.COMPILED and one.sql is not None:
                    found[keys[one.id]] = (one.sql, one.dialect)
    return found
