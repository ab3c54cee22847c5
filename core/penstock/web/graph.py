"""The shown graph: a selection or the neighbourhood of one asset, its groups collapsed or not, laid out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from penstock.assets import Asset, AssetKey, AssetKind
from penstock.graph import AssetGraph
from penstock.graph.layout import layout
from penstock.web.routes import Call
from penstock.web.schema import GraphDocument, GraphQuery, Node
from penstock.web.visible import visible_key

FORMAT = 1


def graph_document(call: Call) -> GraphDocument:
    asked: GraphQuery = call.query
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
    nodes = tuple(Node(x=found.ranks[at], y=found.rows[at], **box) for at, box in enumerate(boxes))
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
) -> tuple[list[dict[str, Any]], dict[AssetKey, int]]:
    """What is drawn, in the graph's order, and where each asset went."""
    boxes: list[dict[str, Any]] = []
    places: dict[AssetKey, int] = {}
    of_group: dict[str, int] = {}
    for key in keys:
        group = groups[key]
        if group in closed:
            if group not in of_group:
                of_group[group] = len(boxes)
                boxes.append(
                    {
                        "id": f"group:{group}",
                        "label": group,
                        "kind": "group",
                        "type": "group",
                        "group": group,
                        "size": 0,
                        "members": [],
                        "tool": _tool(graph.assets[key]),
                    }
                )
            box = boxes[of_group[group]]
            box["size"] += 1
            box["members"].append(graph.names.shown(key))
            if box["tool"] != _tool(graph.assets[key]):
                box["tool"] = ""
            places[key] = of_group[group]
            continue
        places[key] = len(boxes)
        boxes.append(_box(graph, graph.assets[key], group))
    return boxes, places


def _box(graph: AssetGraph, asset: Asset, group: str) -> dict[str, object]:
    name = graph.names.shown(asset.key)
    return {
        "id": name,
        "label": name,
        "kind": asset.kind.value,
        "type": asset.resource_type,
        "tool": _tool(asset),
        "group": group,
        "owner": asset.owner or "",
    }


def _tool(asset: Asset) -> str:
    producer = asset.producer or (asset.seen_by[0] if asset.seen_by else None)
    return f"{producer.integration}/{producer.instance}" if producer else ""
