"""What the user's selection means in this graph: assets and checks, or an error that names the nearest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from penstock.assets import AssetKey, ColumnRef
from penstock.errors import ConfigError, SelectionError, UnknownAsset, nearest_names
from penstock.graph import AssetGraph
from penstock.graph.select import Selection, Tracer, column_walk, default_selector, select
from penstock.service.comparing import COMPARED, comparisons
from penstock.service.observe import Seen
from penstock.service.workspace import Workspace


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """`assets` None: nothing was asked in particular. `text` is what the user typed."""

    assets: frozenset[AssetKey] | None
    checks: frozenset[AssetKey]
    text: str


def choose(
    workspace: Workspace,
    seen: Seen,
    include: Sequence[str],
    exclude: Sequence[str] = (),
    selector: str | None = None,
) -> Chosen:
    """Raises SelectionError for what cannot be read, UnknownAsset for a name or method value that nothing answers to."""
    text = " ".join(
        [*include, *(f"--exclude {part}" for part in exclude)]
        + ([f"--selector {selector}"] if selector else [])
    )
    graph, types = seen.graph, _types(workspace, seen)
    if not include and not exclude and selector is None:
        return types.of(_without_selection(workspace, seen))
    found = _selected(workspace, seen, include, exclude, selector)
    _refuse_unmatched(graph, found.unmatched)
    return types.of(Chosen(assets=found.assets, checks=found.checks, text=text))


def _selected(
    workspace: Workspace, seen: Seen, include: Sequence[str], exclude: Sequence[str], selector: str | None
) -> Selection:
    return select(
        seen.graph,
        include,
        exclude,
        selector=selector,
        selectors=_selectors(workspace) if selector or _names_selector(include, exclude) else None,
        indirect_selection=str(workspace.options.get("indirect_selection") or "eager"),
        methods=comparisons(workspace),
        tracer=_tracer(workspace, seen),
        projects=seen.projects,
    )


def _without_selection(workspace: Workspace, seen: Seen) -> Chosen:
    """Everything; but of dbt's nodes those of the selector with `default: true`, where selectors.yml has one."""
    graph = seen.graph
    name = default_selector(_selectors(workspace))
    if name is None:
        return Chosen(assets=None, checks=frozenset(graph.checks), text="")
    found = _selected(workspace, seen, (), (), name)
    others = (asset.key for asset in graph.assets.values() if not asset.package)
    return Chosen(assets=found.assets.union(others), checks=found.checks, text=f"--selector {name}")


class _Types(msgspec.Struct, frozen=True):
    """What `--resource-type` and `--exclude-resource-type` leave of a selection. `words` is what the user typed."""

    only: Selection | None
    never: Selection | None
    words: tuple[str, ...]

    def of(self, chosen: Chosen) -> Chosen:
        if self.only is None and self.never is None:
            return chosen
        assets = chosen.assets
        checks = chosen.checks
        if self.only is not None:
            assets = self.only.assets if assets is None else assets & self.only.assets
            checks = checks & self.only.checks
        if self.never is not None and assets is not None:
            assets, checks = assets - self.never.assets, checks - self.never.checks
        return Chosen(assets=assets, checks=checks, text=" ".join([chosen.text, *self.words]).strip())


_EVERY_TYPE = frozenset({"all", "default"})


def _types(workspace: Workspace, seen: Seen) -> _Types:
    only = _type_names(workspace, "resource_types") - _EVERY_TYPE
    never = _type_names(workspace, "exclude_resource_types")
    graph = seen.graph
    if never and not only:
        only = frozenset(asset.resource_type for asset in graph.assets.values()) | {"test", "unit_test"}
    words = [f"--resource-type {name}" for name in sorted(_type_names(workspace, "resource_types"))]
    words += [f"--exclude-resource-type {name}" for name in sorted(never)]
    return _Types(_of_types(graph, only), _of_types(graph, never), tuple(words))


def _type_names(workspace: Workspace, option: str) -> frozenset[str]:
    given = workspace.options.get(option) or ()
    return frozenset(name for text in given for name in str(text).split())


def _of_types(graph: AssetGraph, names: frozenset[str]) -> Selection | None:
    if not names:
        return None
    terms = [f"resource_type:{name}" for name in sorted(names)]
    return select(graph, terms, indirect_selection="empty")


def _tracer(workspace: Workspace, seen: Seen) -> Tracer:
    """`column:orders.amount+`: the assets that the column reaches (every one of the walk), found when it is asked for."""

    def trace(graph: AssetGraph, term: str) -> Iterable[AssetKey]:
        from penstock.service.columns import column_graph
        from penstock.service.follow import find_place

        columns = column_graph(workspace, seen).edges
        walk = column_walk(term)
        place = find_place(graph, columns, walk.column)
        if place.column is None:
            raise SelectionError(
                f"column:{term} names no column", hint="write column:ASSET.COLUMN, with + for its neighbours"
            )
        start = ColumnRef(place.asset, place.column)
        reached = {place.asset}
        if walk.upstream:
            hops = columns.walk(start, upstream=True, depth=walk.upstream_depth)
            reached.update(hop.ref.asset for hop in hops)
        if walk.downstream:
            hops = columns.walk(start, upstream=False, depth=walk.downstream_depth)
            reached.update(hop.ref.asset for hop in hops)
        return reached

    return trace


def _names_selector(include: Sequence[str], exclude: Sequence[str]) -> bool:
    return any("selector:" in part for part in (*include, *exclude))


def _refuse_unmatched(graph: AssetGraph, unmatched: Sequence[str]) -> None:
    for value in unmatched:
        if value.strip("+@0123456789").partition(":")[0] in COMPARED:
            continue  # nothing differs: nothing to do
        plain = value.strip("+@").removeprefix("fqn:").removeprefix("relation:")
        if ":" not in plain and "*" not in plain:
            names = [graph.names.shown(key) for key in graph.assets]
            raise UnknownAsset(plain, nearest_names(plain, names))
        raise UnknownAsset(value)


def _selectors(workspace: Workspace) -> dict[str, Any]:
    """The selectors of every selectors.yml beside a project that penstock.yml names. Raises ConfigError for broken YAML."""
    from penstock.project.positions import read_yaml

    definitions: dict[str, Any] = {}
    for settings in workspace.project.document.instances.values():
        folder = settings.get("project")
        if not isinstance(folder, str):
            continue
        path = workspace.project.root / folder / "selectors.yml"
        if not path.is_file():
            continue
        data = read_yaml(path.read_text(encoding="utf-8"), path.name).data
        listed = data.get("selectors") if isinstance(data, dict) else None
        if not isinstance(listed, list):
            raise ConfigError("expected a list under 'selectors'", where=path.name)
        definitions.update({str(entry.get("name")): entry for entry in listed if isinstance(entry, dict)})
    return definitions
