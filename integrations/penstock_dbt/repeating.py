"""Why a node that is made again of the same inputs by the same recipe may hold other rows: told from its kind, settings and text."""

from __future__ import annotations

from collections.abc import Mapping

from penstock_dbt.large_seeds import is_large
from penstock_manifests.dbt import Node

PYTHON = "a Python model may read anything (`meta: {penstock: {deterministic: true}}` says that it does not)"


def by_kind(node: Node, config: Mapping[str, object], form: str, *, seed_known: bool) -> str:
    """What can be told without its text; "" where nothing speaks against the same rows."""
    if node.language == "python":
        return "" if _deterministic(config) else PYTHON
    if node.resource_type == "seed":
        return "its file cannot be read" if is_large(node) and not seed_known else ""
    if form not in ("table", "view", "incremental", "snapshot"):
        return f"materialized as {form}: what that does is not known"
    return ""


def incremental(node: Node, config: Mapping[str, object]) -> str:
    """Of a model that is made a part at a time."""
    if config.get("incremental_strategy") == "microbatch":
        return "a microbatch model: its batches move with the clock"
    if not config.get("unique_key") and b"is_incremental" not in bytes(node.raw_code):
        return "incremental without unique_key and is_incremental(): each run appends"
    return ""


def _deterministic(config: Mapping[str, object]) -> bool:
    """Its author says so: `meta: {penstock: {deterministic: true}}`."""
    meta = config.get("meta")
    ours = meta.get("penstock") if isinstance(meta, dict) else None
    return isinstance(ours, dict) and ours.get("deterministic") is True
