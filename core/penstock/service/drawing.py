"""A trail as a picture: places and ties; written as Mermaid or for Graphviz. The HTML page is in page. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from penstock.service.follow import Branch, Trail


class Edge(msgspec.Struct, frozen=True):
    """From one place to another; `subtype` None between assets of which no columns are known. `note`: what several column
    edges drawn as one are."""

    source: tuple[str, str]
    target: tuple[str, str]
    subtype: str | None
    expression: str | None
    note: str = ""


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
            _add_shaping(branch, level, levels, edges, kinds)
    _add_shaping(trail.start, 0, levels, edges, kinds)
    return Picture(levels, kinds, tuple(edges))


def _add_shaping(
    branch: Branch,
    level: int,
    levels: dict[tuple[str, str], int],
    edges: dict[Edge, None],
    kinds: dict[str, str],
) -> None:
    """What decides a table's rows, one rank further up, tied to the table as a whole."""
    for one in branch.shaped_by:
        levels.setdefault((one.asset, one.column), level - 1)
        levels.setdefault((branch.name, ""), level)
        if one.kind:
            kinds.setdefault(one.asset, f"{one.kind}, {one.made_by}")
        edges[Edge((one.asset, one.column), (branch.name, ""), one.subtype, one.expression)] = None


def _walk(
    parent: Branch, branches: tuple[Branch, ...], distance: int
) -> Iterator[tuple[Branch, Branch, int]]:
    for branch in branches:
        yield parent, branch, distance
        yield from _walk(branch, branch.branches, distance + 1)


def _place(branch: Branch) -> tuple[str, str]:
    return (branch.name, branch.column or "")


def label(place: tuple[str, str]) -> str:
    return f"{place[0]}.{place[1]}" if place[1] else place[0]


def mermaid(trail: Trail) -> str:
    """Mermaid's flowchart, left to right."""
    drawn = picture(trail)
    ids = {place: f"n{at}" for at, place in enumerate(drawn.levels)}
    lines = ["flowchart LR"]
    lines += [f'  {ids[place]}["{mermaid_text(label(place))}"]' for place in drawn.levels]
    for edge in drawn.edges:
        arrow = f"-->|{edge.subtype}|" if edge.subtype else "-->"
        lines.append(f"  {ids[edge.source]} {arrow} {ids[edge.target]}")
    return "\n".join(lines)


# A label is HTML to Mermaid, and `#` begins its own spelling of a letter.
_MERMAID = {ord(letter): f"#{ord(letter)};" for letter in "#&<>\"'`\\"} | {ord("\n"): " ", ord("\r"): " "}


def mermaid_text(text: str) -> str:
    """A text that Mermaid shows as it is: nothing in it is markup."""
    return text.translate(_MERMAID)


def dot(trail: Trail) -> str:
    """Graphviz's language, left to right."""
    drawn = picture(trail)
    lines = ["digraph lineage {", "  rankdir=LR;", "  node [shape=box];"]
    for edge in drawn.edges:
        how = f' [label="{edge.subtype}"]' if edge.subtype else ""
        lines.append(f'  "{_dotted(edge.source)}" -> "{_dotted(edge.target)}"{how};')
    lines += [f'  "{_dotted(place)}";' for place in drawn.levels]
    return "\n".join([*lines, "}"])


def _dotted(place: tuple[str, str]) -> str:
    return label(place).replace("\\", "\\\\").replace('"', '\\"')
