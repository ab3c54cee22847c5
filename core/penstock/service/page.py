"""One self-contained HTML page of a trail: boxes of columns, curves between them, and the edges as a table. No I/O."""

from __future__ import annotations

import re
from html import escape as _escape

from penstock.service.drawing import Edge, Picture, label, picture
from penstock.service.follow import Trail
from penstock.service.layout import HEAD, MARGIN, ROW, Box, Place, arranged, letters
from penstock.service.pagetext import PAGE
from penstock.system.terminal import printable

_DIRECT = ("IDENTITY", "TRANSFORMATION", "AGGREGATION")
_SLOT = re.compile("@(title|told|legend|all|values|rows)@")
_LEGEND = (
    ("identity", "identity"),
    ("transformation", "transformation"),
    ("aggregation", "aggregation"),
    ("indirect", "filters, joins, sorts"),
)


def escape(text: str) -> str:
    """Names are shown, whatever they hold: in a page too a mark that reorders text would show another name."""
    return _escape(printable(text))


def html(trail: Trail, page: Picture | None = None) -> str:
    """One page that needs nothing from anywhere: of the trail, or of `page` where that shows more of the same."""
    drawn = page or picture(trail)
    start = (trail.start.name, trail.start.column or "")
    parts = {
        "title": escape(label(start)),
        "told": escape(_told(drawn)),
        "legend": "".join(f'<span class="{kind}"><i></i>{words}</span>' for kind, words in _LEGEND),
        "all": _drawing(drawn, start, "all"),
        "values": _drawing(_values(drawn, start), start, "values"),
        "rows": "\n".join(_row(edge) for edge in drawn.edges),
    }
    return _SLOT.sub(lambda slot: parts[slot[1]], PAGE)


def _values(drawn: Picture, start: Place) -> Picture:
    """The picture without what only decides rows, and without the places that are left without an edge by that."""
    edges = tuple(edge for edge in drawn.edges if _kind(edge) != "indirect")
    tied = {place for edge in edges for place in (edge.source, edge.target)}
    assets = {asset for asset, _ in tied}
    levels = {
        place: level
        for place, level in drawn.levels.items()
        if place in tied or place[0] == start[0] or (place[0] in assets and not place[1])
    }
    return Picture(levels, drawn.kinds, edges)


def _drawing(drawn: Picture, start: Place, name: str) -> str:
    boxes = arranged(drawn.levels, [(edge.source, edge.target) for edge in drawn.edges], drawn.kinds)
    width = max((box.x + box.width for box in boxes.values()), default=0) + MARGIN
    height = max((box.y + box.height for box in boxes.values()), default=0) + MARGIN
    body = [_curve(edge, boxes) for edge in drawn.edges]
    body += [_box(box, start) for box in boxes.values()]
    head = f'<svg class="{name}" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    return f'{head} xmlns="http://www.w3.org/2000/svg" role="img">\n' + "\n".join(body) + "\n</svg>"


def _told(drawn: Picture) -> str:
    assets = len({asset for asset, _ in drawn.levels})
    columns = sum(bool(column) for _, column in drawn.levels)
    return f"{assets} assets, {columns} columns, {len(drawn.edges)} edges"


def _kind(edge: Edge) -> str:
    subtype = edge.subtype or "IDENTITY"
    return subtype.lower() if subtype in _DIRECT else "indirect"


def _curve(edge: Edge, boxes: dict[str, Box]) -> str:
    source, target = boxes[edge.source[0]], boxes[edge.target[0]]
    x1, y1 = source.port(edge.source[1], right=True)
    x2, y2 = target.port(edge.target[1], right=False)
    bend = max(40, abs(x2 - x1) // 2)
    how = f"{_how(edge)}  {edge.expression or ''}".strip()
    words = f"{label(edge.source)} → {label(edge.target)}\n{how}".strip()
    return (
        f'<path class="edge {_kind(edge)}" d="M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}" '
        f'data-a="{escape(label(edge.source))}" data-b="{escape(label(edge.target))}"><title>{escape(words)}</title></path>'
    )


def _how(edge: Edge) -> str:
    return edge.note or (edge.subtype or "").lower()


def _box(box: Box, start: Place) -> str:
    room = letters(box.width)
    parts = [
        f'<g class="box{" start" if (box.asset, "") == start else ""}" data-name="{escape(box.asset)}">'
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6"/>'
        f'<text x="{box.x + 10}" y="{box.y + 18}" class="name">{escape(_cut(box.asset, room))}'
        f"<title>{escape(box.asset)}</title></text>",
        f'<text x="{box.x + 10}" y="{box.y + 35}" class="kind">{escape(_cut(box.kind, room))}'
        f"<title>{escape(box.kind)}</title></text>",
    ]
    for at, column in enumerate(box.columns):
        y = box.y + HEAD + ROW * at
        mark = " start" if (box.asset, column) == start else ""
        parts.append(
            f'<g class="column{mark}" data-name="{escape(label((box.asset, column)))}">'
            f'<rect x="{box.x + 1}" y="{y}" width="{box.width - 2}" height="{ROW}"/>'
            f'<text x="{box.x + 14}" y="{y + 14}">{escape(_cut(column, room))}<title>{escape(column)}</title></text></g>'
        )
    return "".join([*parts, "</g>"])


def _row(edge: Edge) -> str:
    return (
        f'<tr class="{_kind(edge)}"><td>{escape(label(edge.source))}</td><td>{escape(label(edge.target))}</td>'
        f"<td>{escape(_how(edge))}</td><td><code>{escape(edge.expression or '')}</code></td></tr>"
    )


def _cut(text: str, limit: int) -> str:
    """The end of a name tells more than its middle."""
    if len(text) <= limit:
        return text
    head = limit // 2
    return f"{text[:head]}…{text[-(limit - head - 1) :]}"
