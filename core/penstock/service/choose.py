"""What the user's selection means in this graph: assets and checks, or an error that names the nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from penstock import registry
from penstock.assets import Asset, AssetKey, ColumnRef
from penstock.errors import SelectionError, UnknownAsset, nearest_names
from penstock.graph import AssetGraph
from penstock.graph.select import Selection, Tracer, column_walk, default_selector, select
from penstock.integration import Selecting
from penstock.service.comparing import COMPARED, comparisons
from penstock.service.flags import resource_types
from penstock.service.observe import GraphView
from penstock.service.workspace import Workspace


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """`assets` None: nothing was asked in particular. `text` is what the user typed. `warnings`: terms without effect."""

    assets: frozenset[AssetKey] | None
    checks: frozenset[AssetKey]
    text: str
    warnings: tuple[str, ...] = ()


def choose(
    workspace: Workspace,
    seen: GraphView,
    include: Sequence[str],
    exclude: Sequence[str] = (),
    selector: str | None = None,
    within: frozenset[AssetKey] | None = None,
) -> Chosen:
    """Raises SelectionError for what cannot be read or selects nothing, UnknownAsset for a name that nothing answers to.

    In `exclude` a method that finds nothing (`tag:slow`) is only a warning: a tag that is gone excludes nothing.
    `within`: only these assets are found by a name or a method, and named in errors; walks lead through all.
    """
    if include and not any(part.strip() for part in include):
        raise SelectionError(
            "the selection is empty: it selects nothing", hint="leave it out to select everything"
        )
    exclude = [part for part in exclude if part.strip()]
    text = " ".join(
        [*include, *(f"--exclude {part}" for part in exclude)]
        + ([f"--selector {selector}"] if selector else [])
    )
    graph = seen.graph
    if not include and not exclude and selector is None:
        return _of_types(workspace, graph, _without_selection(workspace, seen))
    found = _selected(workspace, seen, include, exclude, selector, within)
    known = (
        graph.assets if within is None else {key: graph.assets[key] for key in graph.order if key in within}
    )
    _refuse_unmatched(graph, known, found.unmatched)
    _refuse_unmatched(graph, known, [value for value in found.unmatched_exclude if _is_name(value)])
    warnings = tuple(
        f"--exclude {value} leaves nothing out: {_nothing_has(known, value)}"
        for value in found.unmatched_exclude
        if not _is_name(value)
    )
    chosen = Chosen(assets=found.assets, checks=found.checks, text=text, warnings=warnings)
    return _of_types(workspace, graph, chosen)


def _selected(
    workspace: Workspace,
    seen: GraphView,
    include: Sequence[str],
    exclude: Sequence[str],
    selector: str | None,
    within: frozenset[AssetKey] | None = None,
) -> Selection:
    return select(
        seen.graph,
        include,
        exclude,
        selector=selector,
        selectors=_selectors(workspace) if selector or _names_selector(include, exclude) else None,
        indirect_selection=str(workspace.options.get("indirect_selection") or "eager"),
        methods=comparisons(workspace),
        tracer=_tracer(workspace, seen, within),
        projects=seen.projects,
        within=within,
    )


def _without_selection(workspace: Workspace, seen: GraphView) -> Chosen:
    """Everything; but of dbt's nodes those of the selector with `default: true`, where selectors.yml has one."""
    graph = seen.graph
    name = default_selector(_selectors(workspace))
    if name is None:
        return Chosen(assets=None, checks=frozenset(graph.checks), text="")
    found = _selected(workspace, seen, (), (), name)
    others = (asset.key for asset in graph.assets.values() if not asset.package)
    return Chosen(assets=found.assets.union(others), checks=found.checks, text=f"--selector {name}")


# These leave nothing out.
_EVERY_TYPE = frozenset({"all", "default"})


def _of_types(workspace: Workspace, graph: AssetGraph, chosen: Chosen) -> Chosen:
    """What `--resource-type` and `--exclude-resource-type` leave of a selection. Raises SelectionError for no such type."""
    only, never = (_types(workspace, graph, name) for name in ("resource_types", "exclude_resource_types"))
    if not only and not never:
        return chosen
    assets = frozenset(graph.assets) if chosen.assets is None else chosen.assets
    checks = chosen.checks
    if only and not only & _EVERY_TYPE:
        kept = _members_of(graph, only)
        assets, checks = assets & kept.assets, checks & kept.checks
    if never:
        left = _members_of(graph, never)
        assets, checks = assets - left.assets, checks - left.checks
    words = [f"--resource-type {name}" for name in sorted(only)]
    words += [f"--exclude-resource-type {name}" for name in sorted(never)]
    return msgspec.structs.replace(
        chosen, assets=assets, checks=checks, text=" ".join([chosen.text, *words]).strip()
    )


def _types(workspace: Workspace, graph: AssetGraph, option: str) -> frozenset[str]:
    told = workspace.options.get(option)
    given = frozenset(
        name for text in (told if isinstance(told, list | tuple) else ()) for name in str(text).split()
    )
    if given:
        known = resource_types() | _EVERY_TYPE | {asset.resource_type for asset in graph.assets.values()}
        for name in sorted(given - known):
            near = nearest_names(name, known)
            guess = f"; did you mean '{near[0]}'?" if near else ""
            raise SelectionError(
                f"no resource type '{name}'{guess}", hint="types: " + ", ".join(sorted(known))
            )
    return given


def _members_of(graph: AssetGraph, types: frozenset[str]) -> Selection:
    return select(graph, [f"resource_type:{name}" for name in sorted(types)], indirect_selection="empty")


def _tracer(workspace: Workspace, seen: GraphView, within: frozenset[AssetKey] | None) -> Tracer:
    """`column:orders.amount+`: the assets that the column reaches (every one of the walk), found when it is asked for."""

    def trace(graph: AssetGraph, term: str) -> Iterable[AssetKey]:
        from penstock.service.columns import column_graph
        from penstock.service.follow import find_place

        found = column_graph(workspace, seen)
        columns = found.edges
        walk = column_walk(term)
        place = find_place(graph, found, walk.column, within)
        if place.column is None:
            raise SelectionError(
                f"column:{term} names no column", hint="write column:ASSET.COLUMN, with + for its neighbours"
            )
        start = ColumnRef(place.asset, place.column, place.path)
        reached = {place.asset}
        if walk.upstream:
            hops = columns.walk(start, upstream=True, depth=walk.upstream_depth)
            reached.update(hop.ref.asset for hop in hops)
        if walk.downstream:
            hops = columns.walk(start, upstream=False, depth=walk.downstream_depth)
            reached.update(hop.ref.asset for hop in hops)
        return reached & graph.assets.keys()

    return trace


def _names_selector(include: Sequence[str], exclude: Sequence[str]) -> bool:
    return any("selector:" in part for part in (*include, *exclude))


_WALK = re.compile(r"@?(?:\d*\+)?(?P<value>.*?)(?:\+\d*)?", re.DOTALL)


def _refuse_unmatched(graph: AssetGraph, known: Mapping[AssetKey, Asset], unmatched: Sequence[str]) -> None:
    for value in unmatched:
        if value.strip("+@0123456789").partition(":")[0] in COMPARED:
            continue  # nothing differs: nothing to do
        if not _is_name(value):
            raise SelectionError(_nothing_has(known, value), hint="list what is there: penstock assets")
        names = [graph.names.shown(key) for key in known]
        plain = _without_walk(value)
        if plain.strip("+@") != plain or not plain:
            raise SelectionError(
                f"'{value}' cannot be read: walks are written once on a side, around a name",
                hint="+orders, 2+orders, orders+, orders+1, +orders+ or @orders",
            )
        raise UnknownAsset(plain, nearest_names(plain, names))


def _without_walk(value: str) -> str:
    within = _WALK.fullmatch(value)
    return (within["value"] if within else value).removeprefix("fqn:").removeprefix("relation:")


def _is_name(value: str) -> bool:
    """Whether a term names one thing, and is no method or pattern."""
    plain = _without_walk(value)
    return ":" not in plain and "*" not in plain


def _nothing_has(known: Mapping[AssetKey, Asset], value: str) -> str:
    """The sentence for a method or pattern that finds nothing; the tags that there are, for a tag."""
    method, _, wanted = _without_walk(value.strip("0123456789")).partition(":")
    if method != "tag" or not wanted:
        return f"nothing matches '{value}'"
    tags = sorted({tag for asset in known.values() for tag in asset.tags})
    there = (
        f"tags here: {', '.join(tags[:8])}{' ...' if len(tags) > 8 else ''}"
        if tags
        else "nothing here has a tag"
    )
    return f"nothing has tag '{wanted}'; {there}"


def _selectors(workspace: Workspace) -> Mapping[str, object]:
    """The named selectors of all tools. Raises ConfigError for those that cannot be read."""
    definitions: dict[str, object] = {}
    for (name, _), settings in workspace.project.document.instances.items():
        tool = registry.integration(name)
        if isinstance(tool, Selecting):
            definitions.update(tool.selectors(workspace.project.root, settings))
    return definitions
