"""Where each node of a graph is drawn: in ranks from left to right, its neighbours near it. Pure, and the same every time.

Ranks follow the longest way; a source stands beside its first reader. Rows come from sweeps of means, each placed with least
movement so that the order holds and no two nodes of a rank are nearer than one row. Long edges pass behind nodes.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

_SWEEPS = 4


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """By node. `ranks` count from 0; `rows` begin at 0, two of one rank are at least 1 apart."""

    ranks: tuple[int, ...]
    rows: tuple[float, ...]


def layout(parents: Sequence[Sequence[int]]) -> Layout:
    """`parents[n]` are the nodes from which an edge leads to `n`. Of a cycle, the edges that go back are not followed."""
    above, order = _without_cycles(parents)
    below: list[list[int]] = [[] for _ in above]
    for node, ups in enumerate(above):
        for up in ups:
            below[up].append(node)
    ranks = _ranks(above, below, order)
    lines: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
    for node in order:
        lines[ranks[node]].append(node)
    rows = [0.0] * len(above)
    for line in lines:
        for at, node in enumerate(line):
            rows[node] = float(at)
    for _ in range(_SWEEPS):
        for line in lines[1:]:
            _place(line, above, rows)
        for line in reversed(lines[:-1]):
            _place(line, below, rows)
    least = min(rows, default=0.0)
    return Layout(ranks=tuple(ranks), rows=tuple(round(row - least, 2) for row in rows))


def _without_cycles(parents: Sequence[Sequence[int]]) -> tuple[list[list[int]], list[int]]:
    """Every node's parents without those that go back, and an order in which parents come first."""
    below: list[list[int]] = [[] for _ in parents]
    waiting = [0] * len(parents)
    for node, ups in enumerate(parents):
        for up in ups:
            below[up].append(node)
            waiting[node] += 1
    ready = [node for node, count in enumerate(waiting) if not count]
    place: dict[int, int] = {}
    rest = iter(range(len(parents)))
    while len(place) < len(parents):
        if not ready:  # a cycle: it is entered at its first node
            ready.append(next(node for node in rest if node not in place))
        node = ready.pop()
        if node in place:
            continue
        place[node] = len(place)
        for down in below[node]:
            waiting[down] -= 1
            if not waiting[down] and down not in place:
                ready.append(down)
    above = [[up for up in dict.fromkeys(ups) if place[up] < place[node]] for node, ups in enumerate(parents)]
    return above, sorted(place, key=lambda node: place[node])


def _ranks(above: list[list[int]], below: list[list[int]], order: list[int]) -> list[int]:
    ranks = [0] * len(above)
    for node in order:
        if above[node]:
            ranks[node] = 1 + max(ranks[up] for up in above[node])
    for node in order:
        if not above[node] and below[node]:
            ranks[node] = min(ranks[down] for down in below[node]) - 1
    return ranks


def _place(line: list[int], neighbours: list[list[int]], rows: list[float]) -> None:
    """Sort a rank by the mean row of each node's neighbours, and move it there as far as the others allow."""
    wanted: dict[int, float] = {}
    for node in line:
        near = neighbours[node]
        wanted[node] = sum([rows[other] for other in near]) / len(near) if near else rows[node]
    line.sort(key=lambda node: (wanted[node], rows[node]))
    for node, row in zip(line, _apart([wanted[node] for node in line]), strict=True):
        rows[node] = row


def _apart(wanted: list[float]) -> list[float]:
    """The nearest rows (least squares) to sorted ones, each at least 1 above the one before: pool adjacent violators."""
    pools: list[tuple[float, int]] = []  # the sum of a block of equal shifted rows, and how many they are
    for at, row in enumerate(wanted):
        total, size = row - at, 1
        while pools and pools[-1][0] * size > total * pools[-1][1]:
            before = pools.pop()
            total, size = total + before[0], size + before[1]
        pools.append((total, size))
    placed: list[float] = []
    for total, size in pools:
        placed += [total / size + len(placed) + at for at in range(size)]
    return placed
