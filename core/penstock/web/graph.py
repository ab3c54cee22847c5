"""The shown graph: a selection or the neighbourhood of one asset, its groups collapsed or not, laid out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from penstock.assets import Asset, AssetKey, AssetKind
from penstock.graph import AssetGraph
from penstock.graph.layout import layout
from penstock.web.routes import Call
from penstock.web.schema import GraphDocument, GraphQuery, Node
from penstock.web.visible import visible_key

FORMAT = 1


def graph_document(call: Call) -> GraphDocument:
    asked = call.asked(GraphQuery)
    graph = call.serving.seen().graph
    keys = _shown(call, graph, asked)
    groups = {key: _group(graph.assets[key], asked.group) for key in keys}
    sizes = Counter(name for name in groups.values() if name)
    closed = _closed(asked.collapse, sizes)
    boxes, places = _boxes(graph, keys, groups, closed)
    parents: list[set[int]] = [set() for _ in boxes]
    for key in keys:
        for up in graph.upstream.get(key, ()):
            if up in places and places[up] != places[key]:
                parents[places[key]].add(places[up])
    edges = tuple((up, node) for node, ups in enumerate(parents) for up in sorted(ups))
    found = layout([sorted(ups) for ups in parents])
    nodes = tuple(
        msgspec.structs.replace(box, x=found.ranks[at], y=found.rows[at]) for at, box in enumerate(boxes)
    )
    return GraphDocument(
        format=FORMAT,
        hash=graph.hash,
        ranks=max(found.ranks, default=-1) + 1,
        rows=max(found.rows, default=0.0),
        nodes=nodes,
        edges=edges,
        groups=dict(sorted(sizes.items())),
    )


def _shown(call: Call, graph: AssetGraph, asked: GraphQuery) -> list[AssetKey]:
    chosen = call.view.chosen(asked.select, asked.exclude)
    if asked.focus:
        start = visible_key(call, asked.focus)
        above = graph.walk([start], upstream=True, depth=asked.up)
        below = graph.walk([start], upstream=False, depth=asked.down)
        near = frozenset((*above, *below))
        chosen = near if chosen is None else chosen & near
    return [key for key in graph.order if chosen is None or key in chosen]


def _group(asset: Asset, grouping: str) -> str:
    if grouping == "tool":
        return _tool(asset)
    if grouping == "project":
        return asset.package or ""
    schema = (asset.relation.schema or "") if asset.relation else ""
    if grouping == "folder":
        return _folder(asset) or schema
    if grouping == "schema":
        return schema or (_folder(asset) if asset.kind in (AssetKind.STREAM, AssetKind.EXPOSURE) else "")
    return (asset.owner or "") if grouping == "owner" else ""


def _folder(asset: Asset) -> str:
    """Of the file that makes it. What is only told of, in a list of many, lies in no folder of its own."""
    if asset.kind is AssetKind.EXPOSURE:
        return "exposures"
    if asset.kind is AssetKind.STREAM:
        return asset.key.name.rpartition("/")[0]
    path = asset.path or ""
    return "" if path.endswith((".yml", ".yaml")) else path.rpartition("/")[0]


def _closed(asked: str, groups: Iterable[str]) -> frozenset[str]:
    names = frozenset(name.strip() for name in asked.split(",") if name.strip())
    return frozenset(groups) if "*" in names else names & frozenset(groups)


def _boxes(
    graph: AssetGraph, keys: list[AssetKey], groups: dict[AssetKey, str], closed: frozenset[str]
) -> tuple[list[Node], dict[AssetKey, int]]:
    """What is drawn, in the graph's order and not yet placed, and where each asset went."""
    boxes: list[Node] = []
    places: dict[AssetKey, int] = {}
    members: dict[str, list[AssetKey]] = {}
    for key in keys:
        group = groups[key]
        if group in closed and group in members:
            places[key] = places[members[group][0]]
        else:
            places[key] = len(boxes)
            boxes.append(_box(graph, graph.assets[key], group))
        if group in closed:
            members.setdefault(group, []).append(key)
    for group, inside in members.items():
        boxes[places[inside[0]]] = _closed_box(graph, group, inside)
    return boxes, places


def _closed_box(graph: AssetGraph, group: str, members: list[AssetKey]) -> Node:
    tools = {_tool(graph.assets[key]) for key in members}
    return Node(
        id=f"group:{group}",
        label=group,
        kind="group",
        type="group",
        x=0,
        y=0.0,
        tool=tools.pop() if len(tools) == 1 else "",
        group=group,
        size=len(members),
        members=tuple(graph.names.shown(key) for key in members),
    )


def _box(graph: AssetGraph, asset: Asset, group: str) -> Node:
    name = graph.names.shown(asset.key)
    return Node(
        id=name,
        label=name,
        kind=asset.kind.value,
        type=asset.resource_type,
        x=0,
        y=0.0,
        tool=_tool(asset),
        group=group,
        owner=asset.owner or "",
    )


def _tool(asset: Asset) -> str:
    producer = asset.producer or (asset.seen_by[0] if asset.seen_by else None)
    return f"{producer.integration}/{producer.instance}" if producer else ""
