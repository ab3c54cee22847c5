"""A comparison of two versions as it is handed out: what it found, what the run store adds, and what it rests on. Records only."""

from __future__ import annotations

import msgspec

from penstock.change.revision import Comparison


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds that the latest builds took, of what will be built: `data` of what holds other data, `plain` of what a comparison of
    files alone would build. `unknown`: so many of `data` have never been timed here."""

    environment: str
    data: float
    plain: float
    timed: int
    unknown: int


class DiffDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What `penstock diff --json` prints. `how` says what the answer rests on, and what it cannot know. Places are relative to the
    project; `folder` is where that lies in its repository ("": at the top)."""

    format: int
    project: str
    environment: str
    base: str
    base_kind: str
    head: str
    comparison: Comparison
    failing: tuple[str, ...]
    cost: Cost | None
    how: tuple[str, ...]
    folder: str = ""
