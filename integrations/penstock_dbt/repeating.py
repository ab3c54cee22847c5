"""Why a node that is made again of the same inputs by the same recipe may hold other rows: told from its kind, settings and text."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from penstock_dbt.large_seeds import is_large
from penstock_manifests.dbt import Node

PYTHON = "a Python model may read anything (`meta: {penstock: {deterministic: true}}` says that it does not)"

# Strategies that replace whole partitions or batches, key or no key.
REPLACING = frozenset({"insert_overwrite", "microbatch"})
_PART = re.compile(r"\bis_incremental\s*\(\s*\)\s*-?%\}(.*?)\{%-?\s*(?:endif|else|elif)\b", re.DOTALL)
_LITERAL = r"(?:cast\s*\([^()]*\)|-?[\w.]*\s*(?:'[^']*')?(?:\s*::\s*\w+)?)"
_LATEST = rf"(?:(?:coalesce|ifnull|nvl)\s*\()?\s*max\s*\(\s*[\w.\"`]+\s*\)(?:\s*,\s*{_LITERAL}\s*\))?"
_NEWER = re.compile(
    rf"(?:where|and)\s+[\w.\"`]+\s*>\s*\(\s*select\s+{_LATEST}\s*(?:as\s+\w+\s+)?from\s*\{{\{{\s*this\s*\}}\}}(?:\s+(?:as\s+)?\w+)?\s*\)",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"(?:where|and)\s+(?:[\w.\"`]+\s+not\s+in|not\s+exists)\s*\(\s*select\s[^()]*?\sfrom\s*\{\{\s*this\s*\}\}[^()]*\)",
    re.IGNORECASE,
)


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
    strategy = config.get("incremental_strategy")
    if strategy == "microbatch":
        return "a microbatch model: its batches move with the clock"
    if strategy != "append" and (config.get("unique_key") or strategy in REPLACING):
        return ""
    if b"is_incremental" not in bytes(node.raw_code):
        return "incremental without unique_key and is_incremental(): each run appends"
    text = msgspec.json.decode(node.raw_code)
    if _takes_no_row_twice(str(text)):
        return ""
    return "incremental without unique_key: its is_incremental() may take rows that are there already"


def _takes_no_row_twice(text: str) -> bool:
    """Whether one condition stands there, and it is of a kind that leaves out what is there: `>` the latest, or absent."""
    parts = [part.strip() for part in _PART.findall(text)]
    return len(parts) == 1 and any(form.fullmatch(parts[0]) is not None for form in (_NEWER, _ABSENT))


def _deterministic(config: Mapping[str, object]) -> bool:
    """Its author says so: `meta: {penstock: {deterministic: true}}`."""
    meta = config.get("meta")
    ours = meta.get("penstock") if isinstance(meta, dict) else None
    return isinstance(ours, dict) and ours.get("deterministic") is True
