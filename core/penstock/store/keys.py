"""The columns by which rows of the tables that hold state are changed."""

from __future__ import annotations

KEYS: dict[str, tuple[str, ...]] = {
    "runs": ("id",),
    "run_items": ("run_id", "item"),
    "steps": ("run_id", "id"),
    "attempts": ("run_id", "step", "attempt"),
    "materializations": ("run_id", "asset"),
}
