"""One self-contained HTML page of a trail: boxes of columns, curves between them, and the edges as a table. No I/O."""

from __future__ import annotations

import re
from html import escape

from penstock.service.drawing import Edge, Picture, label, picture
from penstock.service.follow import Trail
from penstock.service.layout import HEAD, MARGIN, ROW, Box, Place, arranged, letters
from penstock.service.pagetext import PAGE

_DIRECT = ("IDENTITY", "TRANSFORMATION", "AGGREGATION")
_SLOT = re.compile("@(title|told|legend|width|height|body|rows)@")
_LEGEND = (
    ("identity", "identity"),
    ("transformation", "transformation"),
    ("aggregation", "aggregation"),
    ("indirect", "filters, joins, sorts"),
)


def html(trail: Trail) -> str:
    """One page that needs nothing from anywhere."""
    drawn = picture(trail)
    start = (trail.start.name, trail.start.column or "")
    boxes = arranged(drawn.levels, [(edge.source, edge.target) for edge in drawn.edges])
    width = max((box.x + box.width for box in boxes.values()), default=0) + MARGIN
    height = max((box.y + box.height for box in boxes.values()), default=0) + MARGIN
    body = [_curve(edge, boxes) for edge in drawn.edges]
    body += [_box(box, drawn.kinds.get(box.asset, ""), start) for box in boxes.values()]
    parts = {
        "title": escape(label(start)),
        "told": escape(_told(drawn)),
        "legend": "".join(f'<span class="{kind}"><i></i>{words}</span>' for kind, words in _LEGEND),
        "width": str(width),
        "height": str(height),
        "body": "\n".join(body),
        "rows": "\n".join(_row(edge) for edge in drawn.edges),
    }
    return _SLOT.sub(lambda slot: parts[slot[1]], PAGE)


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
    words = (
        f"{label(edge.source)} → {label(edge.target)}\n{edge.subtype or ''}  {edge.expression or ''}".strip()
    )
    return (
        f'<path class="edge {_kind(edge)}" d="M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}" '
        f'data-a="{escape(label(edge.source))}" data-b="{escape(label(edge.target))}"><title>{escape(words)}</title></path>'
    )


def _box(box: Box, kind: str, start: Place) -> str:
    room = letters(box.width)
    parts = [
        f'<g class="box{" start" if (box.asset, "") == start else ""}" data-name="{escape(box.asset)}">'
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="6"/>'
        f'<text x="{box.x + 10}" y="{box.y + 18}" class="name">{escape(_cut(box.asset, room))}'
        f"<title>{escape(box.asset)}{escape(': ' + kind if kind else '')}</title></text>",
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
        f"<td>{escape((edge.subtype or '').lower())}</td><td><code>{escape(edge.expression or '')}</code></td></tr>"
    )


def _cut(text: str, limit: int) -> str:
    """The end of a name tells more than its middle."""
    if len(text) <= limit:
        return text
    head = limit // 2
    return f"{text[:head]}…{text[-(limit - head - 1) :]}"
