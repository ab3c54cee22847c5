"""Why a node that is made again of the same inputs by the same recipe may hold other rows: told from its kind, settings and text."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from penstock_dbt.large_seeds import is_large
from penstock_dbt.plain import laid_out_plainly
from penstock_dbt.strategies import REPLACING
from penstock_manifests.dbt import Node

PYTHON = "a Python model may read anything (`meta: {penstock: {deterministic: true}}` says that it does not)"

_PART = re.compile(r"\bis_incremental\s*\(\s*\)\s*-?%\}(.*?)\{%-?\s*(?:endif|else|elif)\b", re.DOTALL)
_NAME = r"(?:\w+\.)?[\"`]?(\w+)[\"`]?"
_LITERAL = r"(?:cast\s*\([^()]*\)|-?[\w.]*\s*(?:'[^']*')?(?:\s*::\s*\w+)?)"
_LATEST = rf"(?:(?:coalesce|ifnull|nvl)\s*\()?\s*max\s*\(\s*{_NAME}\s*\)(?:\s*,\s*{_LITERAL}\s*\))?"
_THIS = r"from\s*\{\{\s*this\s*\}\}(?:\s+(?:as\s+)?\w+)?"
_LEAVES_OUT = tuple(
    re.compile(rf"(?:where|and)\s+{form}", re.IGNORECASE)
    for form in (
        rf"{_NAME}\s*>\s*\(\s*select\s+{_LATEST}\s*(?:as\s+\w+\s+)?{_THIS}\s*\)",
        rf"{_NAME}\s+not\s+in\s*\(\s*select\s+{_NAME}\s+{_THIS}\s*\)",
        rf"not\s+exists\s*\(\s*select\s+(?:1|\*)\s+{_THIS}\s+where\s+{_NAME}\s*=\s*{_NAME}\s*\)",
    )
)
_OF_MANY = re.compile(
    r"\bgroup\s+by\b|\bdistinct\s+on\b|\blimit\b|\b(?:over|sum|count\w*|avg|min|max|min_by|max_by|any_value|\w+_agg|listagg|median"
    r"|group_concat|bool_and|bool_or|approx_\w+|stddev\w*|deduplicate)\s*\(",
    re.IGNORECASE,
)
_THIS_NAME = re.compile(r"\{\{-?\s*this\b")
_CONDITION = re.compile(rf"(?:where|and)\b|select\s+{_LATEST}\s*(?:as\s+\w+\s+)?{_THIS}$", re.IGNORECASE)
_ELSEWHERE = re.compile(r"\b(?:or|union)\b", re.IGNORECASE)  # rows may come past the condition


def by_kind(node: Node, config: Mapping[str, object], form: str, *, seed_known: bool) -> str:
    """What can be told without its text; "" where nothing speaks against the same rows."""
    if node.language == "python":
        return "" if _deterministic(config) else PYTHON
    if node.resource_type == "seed":
        return "its file cannot be read" if is_large(node) and not seed_known else ""
    if form not in ("table", "view", "incremental", "snapshot"):
        return f"materialized as {form}: what that does is not known"
    return ""


def incremental(node: Node, config: Mapping[str, object], *, reads_itself: bool = False) -> str:
    """Of a model that is made a part at a time. `reads_itself`: in its own text, or in a macro that it calls."""
    strategy = config.get("incremental_strategy")
    if strategy == "microbatch":
        return "a microbatch model: its batches move with the clock"
    if strategy != "append" and (config.get("unique_key") or strategy in REPLACING):
        return _replacing(node, reads_itself)
    if b"is_incremental" not in bytes(node.raw_code):
        return "incremental without unique_key and is_incremental(): each run appends"
    text = laid_out_plainly(str(msgspec.json.decode(node.raw_code))).replace("\0", " ")
    if _takes_no_row_twice(text):
        return ""
    return "incremental without unique_key: its is_incremental() may take rows that are there already"


def _replacing(node: Node, reads_itself: bool) -> str:
    """Of one that replaces rows by their key: a total over the rows of three days takes the place of one over all rows, and what adds to
    what is there adds again."""
    by_itself = b"is_incremental" in bytes(node.raw_code) or b"this" in bytes(node.raw_code)
    if not by_itself and not reads_itself:
        return ""
    text = laid_out_plainly(str(msgspec.json.decode(node.raw_code))).replace("\0", " ")
    rest, parts = _PART.sub(" ", text), [part.strip() for part in _PART.findall(text)]
    if not _takes_no_row_twice(text) and _OF_MANY.search(rest):
        return (
            "incremental: what an aggregate or a window gives of some rows may replace what it gave of more"
        )
    if _THIS_NAME.search(rest) or not all(_CONDITION.match(part) for part in parts):
        return "incremental: it reads its own rows for more than a condition, and may add to them again"
    return ""


def _takes_no_row_twice(text: str) -> bool:
    """Whether one condition stands there, and leaves out what is there by a column that is passed on as it is: of `date_trunc('day', at) as at`
    the latest is older than the rows that it was made of."""
    if _ELSEWHERE.search(text):
        return False
    parts = [part.strip() for part in _PART.findall(text)]
    found = next((one for form in _LEAVES_OUT if len(parts) == 1 and (one := form.fullmatch(parts[0]))), None)
    return found is not None and _passed_on(found[1].lower(), found[2].lower(), text.lower())


def _passed_on(column: str, shown: str, text: str) -> bool:
    """Whether nothing else is called `shown` than the column itself."""
    made = re.findall(rf"([^\s,(]+|\()\s+(?:as\s+)?[\"`]?{shown}[\"`]?\s*(?=,|\)|from\b|$)", text)
    names = {one.rpartition(".")[2].strip('"`') for one in made} - {"select", "distinct", "all"}
    return names <= {column} and (column == shown or bool(names))


def _deterministic(config: Mapping[str, object]) -> bool:
    """Its author says so: `meta: {penstock: {deterministic: true}}`."""
    meta = config.get("meta")
    ours = meta.get("penstock") if isinstance(meta, dict) else None
    return isinstance(ours, dict) and ours.get("deterministic") is True
