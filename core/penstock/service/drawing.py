"""A trail drawn: Mermaid, Graphviz, or one self-contained HTML page with an SVG. Words and coordinates, no I/O."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import msgspec

from penstock.service.follow import Branch, Trail

_ROW, _HEAD, _WIDTH, _GAP_X, _GAP_Y, _MARGIN = 20, 26, 260, 110, 22, 24
_COLOURS = {
    "IDENTITY": "#2563eb",
    "TRANSFORMATION": "#7c3aed",
    "AGGREGATION": "#db2777",
}
_INDIRECT = "#94a3b8"


class Edge(msgspec.Struct, frozen=True):
    """From one place to another; `subtype` None between assets."""

    source: tuple[str, str]
    target: tuple[str, str]
    subtype: str | None
    expression: str | None


class Picture(msgspec.Struct, frozen=True):
    """Places by (asset, column), each with its level: 0 is the start, upstream is negative. `kinds` by asset."""

    levels: dict[tuple[str, str], int]
    kinds: dict[str, str]
    edges: tuple[Edge, ...]


def picture(trail: Trail) -> Picture:
    """The trail as places and edges, each once."""
    levels: dict[tuple[str, str], int] = {_place(trail.start): 0}
    kinds = {trail.start.name: f"{trail.start.kind}, {trail.start.made_by}"}
    edges: dict[Edge, None] = {}
    for up, branches in ((True, trail.upstream), (False, trail.downstream)):
        for parent, branch, distance in _walk(trail.start, branches or (), 1):
            here, there = _place(parent), _place(branch)
            source, target = (there, here) if up else (here, there)
            edges[Edge(source, target, branch.subtype, branch.expression)] = None
            level = -distance if up else distance
            known = levels.get(there)
            if known is None or abs(level) > abs(known):
                levels[there] = level
            kinds.setdefault(branch.name, f"{branch.kind}, {branch.made_by}")
            _add_shaping(branch, level, levels, edges)
    _add_shaping(trail.start, 0, levels, edges)
    return Picture(levels, kinds, tuple(edges))


def _add_shaping(
    branch: Branch, level: int, levels: dict[tuple[str, str], int], edges: dict[Edge, None]
) -> None:
    """What decides a table's rows, one rank further up, tied to the table as a whole."""
    for one in branch.shaped_by:
        levels.setdefault((one.asset, one.column), level - 1)
        levels.setdefault((branch.name, ""), level)
        edges[Edge((one.asset, one.column), (branch.name, ""), one.subtype, one.expression)] = None


def _walk(
    parent: Branch, branches: tuple[Branch, ...], distance: int
) -> Iterator[tuple[Branch, Branch, int]]:
    for branch in branches:
        yield parent, branch, distance
        yield from _walk(branch, branch.branches, distance + 1)


def _place(branch: Branch) -> tuple[str, str]:
    return (branch.name, branch.column or "")


def _label(place: tuple[str, str]) -> str:
    return f"{place[0]}.{place[1]}" if place[1] else place[0]


def mermaid(trail: Trail) -> str:
    """Mermaid's flowchart, left to right."""
    drawn = picture(trail)
    ids = {place: f"n{at}" for at, place in enumerate(drawn.levels)}
    lines = ["flowchart LR"]
    lines += [f'  {ids[place]}["{_label(place).replace(chr(34), "#quot;")}"]' for place in drawn.levels]
    for edge in drawn.edges:
        arrow = f"-->|{edge.subtype}|" if edge.subtype else "-->"
        lines.append(f"  {ids[edge.source]} {arrow} {ids[edge.target]}")
    return "\n".join(lines)


def dot(trail: Trail) -> str:
    """Graphviz's language, left to right."""
    drawn = picture(trail)
    lines = ["digraph lineage {", "  rankdir=LR;", "  node [shape=box];"]
    for edge in drawn.edges:
        label = f' [label="{edge.subtype}"]' if edge.subtype else ""
        lines.append(f'  "{_dotted(edge.source)}" -> "{_dotted(edge.target)}"{label};')
    lines += [f'  "{_dotted(place)}";' for place in drawn.levels]
    return "\n".join([*lines, "}"])


def _dotted(place: tuple[str, str]) -> str:
    return _label(place).replace("\\", "\\\\").replace('"', '\\"')


class _Box(msgspec.Struct):
    """An asset on the page: where it stands, and its columns in order."""

    asset: str
    x: int
    y: int
    columns: list[str]

    @property
    def height(self) -> int:
        return _HEAD + _ROW * len([column for column in self.columns if column]) + 8

    def port(self, column: str, *, right: bool) -> tuple[int, int]:
        shown = [name for name in self.columns if name]
        y = self.y + _HEAD // 2 if not column else self.y + _HEAD + _ROW * shown.index(column) + _ROW // 2
        return (self.x + _WIDTH if right else self.x, y)


def _boxes(drawn: Picture) -> dict[str, _Box]:
    """Assets in ranks, upstream left; a rank's assets below one another, in the order in which the walk met them."""
    level_of: dict[str, int] = {}
    columns: dict[str, list[str]] = {}
    for (asset, column), level in drawn.levels.items():
        known = level_of.get(asset)
        level_of[asset] = level if known is None or abs(level) > abs(known) else known
        columns.setdefault(asset, []).append(column)
    first = min(level_of.values(), default=0)
    below: dict[int, int] = {}
    boxes: dict[str, _Box] = {}
    for asset, level in level_of.items():
        rank = level - first
        box = _Box(asset, _MARGIN + rank * (_WIDTH + _GAP_X), below.get(rank, _MARGIN), columns[asset])
        below[rank] = box.y + box.height + _GAP_Y
        boxes[asset] = box
    return boxes


def html(trail: Trail) -> str:
    """One page that needs nothing from anywhere: the trail as boxes of columns and curves between them."""
    drawn = picture(trail)
    boxes = _boxes(drawn)
    width = max((box.x for box in boxes.values()), default=0) + _WIDTH + _MARGIN
    height = max((box.y + box.height for box in boxes.values()), default=0) + _MARGIN
    title = escape(_label(_place(trail.start)))
    parts = [_curve(edge, boxes) for edge in drawn.edges]
    parts += [_drawn_box(box, drawn.kinds.get(box.asset, ""), _place(trail.start)) for box in boxes.values()]
    legend = "".join(
        f'<span><i style="background:{colour}"></i>{name.lower()}</span>'
        for name, colour in (*_COLOURS.items(), ("filters, joins, sorts", _INDIRECT))
    )
    return _PAGE.format(
        title=title, legend=legend, width=width, height=height, body="\n".join(parts), rows=_rows(drawn)
    )


def _curve(edge: Edge, boxes: dict[str, _Box]) -> str:
    x1, y1 = boxes[edge.source[0]].port(edge.source[1], right=True)
    x2, y2 = boxes[edge.target[0]].port(edge.target[1], right=False)
    bend = max(40, abs(x2 - x1) // 2)
    colour = _COLOURS.get(edge.subtype or "IDENTITY", _INDIRECT)
    words = escape(
        f"{_label(edge.source)} -> {_label(edge.target)}  {edge.subtype or ''}  {edge.expression or ''}".strip()
    )
    return (
        f'<path d="M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}" stroke="{colour}" class="edge" '
        f'data-a="{escape(_label(edge.source))}" data-b="{escape(_label(edge.target))}"><title>{words}</title></path>'
    )


def _drawn_box(box: _Box, kind: str, start: tuple[str, str]) -> str:
    parts = [
        f'<g class="box"><rect x="{box.x}" y="{box.y}" width="{_WIDTH}" height="{box.height}" rx="6"/>',
        f'<text x="{box.x + 10}" y="{box.y + 17}" class="name">{escape(_cut(box.asset, 32))}<title>{escape(box.asset)}: '
        f"{escape(kind)}</title></text>",
    ]
    shown = [name for name in box.columns if name]
    for at, column in enumerate(shown):
        y = box.y + _HEAD + _ROW * at
        mark = " start" if (box.asset, column) == start else ""
        label = escape(_label((box.asset, column)))
        parts.append(
            f'<g class="column{mark}" data-name="{label}"><rect x="{box.x + 1}" y="{y}" width="{_WIDTH - 2}" height="{_ROW}"/>'
            f'<text x="{box.x + 14}" y="{y + 14}">{escape(_cut(column, 34))}</text></g>'
        )
    return "".join([*parts, "</g>"])


def _rows(drawn: Picture) -> str:
    cells = (
        f"<tr><td>{escape(_label(edge.source))}</td><td>{escape(_label(edge.target))}</td>"
        f"<td>{escape((edge.subtype or '').lower())}</td><td><code>{escape(edge.expression or '')}</code></td></tr>"
        for edge in drawn.edges
    )
    return "\n".join(cells)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Lineage of {title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ font: 14px/1.45 system-ui, sans-serif; margin: 0; color: #0f172a; background: #f8fafc; }}
header {{ padding: 16px 24px 8px; }}
h1 {{ font-size: 20px; margin: 0 0 6px; }}
header span {{ margin-right: 18px; color: #475569; white-space: nowrap; }}
header i {{ display: inline-block; width: 22px; height: 3px; margin-right: 6px; vertical-align: middle; }}
.picture {{ overflow: auto; }}
.box > rect {{ fill: #fff; stroke: #cbd5e1; }}
.name {{ font-weight: 600; font-size: 13px; }}
.column text {{ font-size: 12px; fill: #334155; }}
.column rect {{ fill: transparent; }}
.column:hover rect {{ fill: #e2e8f0; }}
.column.start rect {{ fill: #fef3c7; }}
.edge {{ fill: none; stroke-width: 1.6; opacity: .75; }}
.faded {{ opacity: .08; }}
.strong {{ stroke-width: 3; opacity: 1; }}
table {{ border-collapse: collapse; margin: 16px 24px 32px; font-size: 13px; }}
td, th {{ border-bottom: 1px solid #e2e8f0; padding: 4px 14px 4px 0; text-align: left; vertical-align: top; }}
</style></head><body>
<header><h1>Lineage of {title}</h1>{legend}</header>
<div class="picture"><svg width="{width}" height="{height}" xmlns="http://www.w3.org/2000/svg" role="img">
{body}
</svg></div>
<table><thead><tr><th>from</th><th>to</th><th>how</th><th>expression</th></tr></thead><tbody>
{rows}
</tbody></table>
<script>
const edges = [...document.querySelectorAll('.edge')];
for (const column of document.querySelectorAll('.column')) {{
  const name = column.dataset.name;
  column.addEventListener('mouseenter', () => edges.forEach(edge => {{
    const mine = edge.dataset.a === name || edge.dataset.b === name;
    edge.classList.toggle('strong', mine);
    edge.classList.toggle('faded', !mine);
  }}));
  column.addEventListener('mouseleave', () => edges.forEach(edge => edge.classList.remove('strong', 'faded')));
}}
</script></body></html>
"""
