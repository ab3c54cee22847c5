"""Where the boxes of a drawn trail stand: ranks from left to right, in each rank an order that keeps curves short. No words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

ROW, HEAD, NAME, GAP_X, GAP_Y, MARGIN = 20, 44, 28, 96, 20, 28
_LETTER, _NARROWEST, _WIDEST = 8.2, 150, 440
_SWEEPS = 6

Place = tuple[str, str]
"""An asset and one of its columns ("" for the asset as a whole)."""


class Box(msgspec.Struct):
    """An asset on the page: where it stands, its columns in order, and `kind`: what it is and who makes it."""

    asset: str
    columns: list[str]
    kind: str = ""
    x: int = 0
    y: int = 0
    width: int = _NARROWEST

    @property
    def height(self) -> int:
        return HEAD + ROW * len(self.columns) + 8

    def port(self, column: str, *, right: bool) -> tuple[int, int]:
        """Where a curve to or from `column` ends."""
        row = self.columns.index(column) if column in self.columns else None
        y = self.y + (NAME // 2 if row is None else HEAD + ROW * row + ROW // 2)
        return (self.x + self.width if right else self.x, y)


def letters(width: int) -> int:
    """How many letters fit into a box of that width."""
    return max(8, int((width - 28) / _LETTER))


def arranged(
    levels: dict[Place, int], ties: Iterable[tuple[Place, Place]], kinds: Mapping[str, str] | None = None
) -> dict[str, Box]:
    """All boxes by asset. `levels`: 0 is the start, upstream is negative; an asset stands where its furthest column does."""
    level_of: dict[str, int] = {}
    boxes: dict[str, Box] = {}
    for (asset, column), level in levels.items():
        known = level_of.get(asset)
        level_of[asset] = level if known is None or abs(level) > abs(known) else known
        box = boxes.setdefault(asset, Box(asset, [], (kinds or {}).get(asset, "")))
        if column:
            box.columns.append(column)
    ties = list(ties)
    _pull_apart(level_of, ties)
    ranks = [
        [boxes[asset] for asset, level in level_of.items() if level == wanted]
        for wanted in sorted(set(level_of.values()))
    ]
    neighbours: dict[str, list[str]] = {asset: [] for asset in boxes}
    for (source, _), (target, _) in ties:
        if source != target:
            neighbours[source].append(target)
            neighbours[target].append(source)
    _order(ranks, boxes, neighbours)
    _place(ranks)
    return boxes


def _pull_apart(level_of: dict[str, int], ties: list[tuple[Place, Place]]) -> None:
    """No curve runs backwards: what feeds another stands left of it. Circles (a model that reads itself) stay as they are."""
    for _ in range(len(level_of)):
        moved = False
        for (source, _), (target, _) in ties:
            if source == target or level_of[source] < level_of[target]:
                continue
            if level_of[target] > 0:
                level_of[target] = level_of[source] + 1
            else:
                level_of[source] = level_of[target] - 1
            moved = True
        if not moved:
            return


def _order(ranks: list[list[Box]], boxes: dict[str, Box], neighbours: dict[str, list[str]]) -> None:
    """Each box towards the middle of those it is tied to, rank by rank, to and fro."""
    place = {box.asset: float(at) for rank in ranks for at, box in enumerate(rank)}
    for sweep in range(_SWEEPS):
        for rank in ranks if sweep % 2 == 0 else reversed(ranks):
            wanted = {}
            for box in rank:
                others = [place[other] for other in neighbours[box.asset]]
                wanted[box.asset] = sum(others) / len(others) if others else place[box.asset]
            rank.sort(key=lambda box: wanted[box.asset])
            middle = len(rank) / 2
            for at, box in enumerate(rank):
                place[box.asset] = at - middle


def _place(ranks: list[list[Box]]) -> None:
    x = MARGIN
    tallest = max((_height(rank) for rank in ranks), default=0)
    for rank in ranks:
        longest = max(len(text) for box in rank for text in (box.asset, box.kind, *box.columns))
        width = int(min(_WIDEST, max(_NARROWEST, longest * _LETTER + 32)))
        y = MARGIN + (tallest - _height(rank)) // 2
        for box in rank:
            box.x, box.y, box.width = x, y, width
            y += box.height + GAP_Y
        x += width + GAP_X


def _height(rank: list[Box]) -> int:
    return sum(box.height + GAP_Y for box in rank) - GAP_Y
